import framework from 'koa';
import { koaDriver } from './koa.ts';

export const koa3 = koaDriver('Koa 3', framework);
