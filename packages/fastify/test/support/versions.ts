import { fastify } from 'fastify';
import { fastify as fastify4 } from 'fastify4';

/** What is tested with both majors is tested with these. */
export const versions: readonly (readonly [name: string, framework: typeof fastify])[] = [
  ['Fastify 4', fastify4 as unknown as typeof fastify],
  ['Fastify 5', fastify],
];
