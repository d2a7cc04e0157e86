import Koa from 'koa';
import Koa2 from 'koa2';

/** What is tested with both majors is tested with these. */
export const versions: readonly (readonly [name: string, framework: typeof Koa])[] = [
  ['Koa 2', Koa2 as unknown as typeof Koa],
  ['Koa 3', Koa],
];
