import type { fastify } from 'fastify';
import { fastify as framework } from 'fastify4';
import { fastifyDriver } from './fastify.ts';

export const fastify4 = fastifyDriver('Fastify 4', framework as unknown as typeof fastify);
