import { describeConformance } from '../src/conformance.ts';
import { fastify5 } from '../src/drivers/fastify5.ts';

describeConformance(fastify5);
