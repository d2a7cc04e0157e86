import type { fastify } from 'fastify';
import { fastify as framework } from 'fastify4';
import { describeConformance } from '../src/conformance.ts';
import { fastify4 } from '../src/drivers/fastify4.ts';
import { describeFastifyApp } from '../src/scenarios/fastify-app.ts';
import { describeFastifyClose } from '../src/scenarios/fastify-close.ts';
import { describeFastifyHandlers } from '../src/scenarios/fastify-handlers.ts';

describeConformance(fastify4);
describeFastifyHandlers(fastify4.name, framework as unknown as typeof fastify);
describeFastifyApp(fastify4.name, framework as unknown as typeof fastify);
describeFastifyClose(fastify4.name, framework as unknown as typeof fastify);
