import type Koa from 'koa';
import framework from 'koa2';
import { describeConformance } from '../src/conformance.ts';
import { koa2 } from '../src/drivers/koa2.ts';
import { describeKoaApp } from '../src/scenarios/koa-app.ts';
import { describeKoaHandlers } from '../src/scenarios/koa-handlers.ts';

describeConformance(koa2);
describeKoaHandlers(koa2.name, framework as unknown as typeof Koa);
describeKoaApp(koa2.name, framework as unknown as typeof Koa);
