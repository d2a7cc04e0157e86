import { describeConformance } from '../src/conformance.ts';
import { fastify4 } from '../src/drivers/fastify4.ts';

describeConformance(fastify4);
