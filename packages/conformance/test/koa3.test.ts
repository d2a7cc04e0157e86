import { describeConformance } from '../src/conformance.ts';
import { koa3 } from '../src/drivers/koa3.ts';

describeConformance(koa3);
