import type Koa from 'koa';
import framework from 'koa2';
import { koaDriver } from './koa.ts';

export const koa2 = koaDriver('Koa 2', framework as unknown as typeof Koa);
