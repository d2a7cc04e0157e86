import { fastify as framework } from 'fastify';
import { fastifyDriver } from './fastify.ts';

export const fastify5 = fastifyDriver('Fastify 5', framework);
