import { describeConformance } from '../src/conformance.ts';
import { koa2 } from '../src/drivers/koa2.ts';

describeConformance(koa2);
