import { fastify as framework } from 'fastify';
import { describeConformance } from '../src/conformance.ts';
import { fastify5 } from '../src/drivers/fastify5.ts';
import { describeFastifyApp } from '../src/scenarios/fastify-app.ts';
import { describeFastifyClose } from '../src/scenarios/fastify-close.ts';
import { describeFastifyHandlers } from '../src/scenarios/fastify-handlers.ts';

describeConformance(fastify5);
describeFastifyHandlers(fastify5.name, framework);
describeFastifyApp(fastify5.name, framework);
describeFastifyClose(fastify5.name, framework);
