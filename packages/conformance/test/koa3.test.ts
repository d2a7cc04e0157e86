import framework from 'koa';
import { describeConformance } from '../src/conformance.ts';
import { koa3 } from '../src/drivers/koa3.ts';
import { describeKoaApp } from '../src/scenarios/koa-app.ts';
import { describeKoaHandlers } from '../src/scenarios/koa-handlers.ts';

describeConformance(koa3);
describeKoaHandlers(koa3.name, framework);
describeKoaApp(koa3.name, framework);
