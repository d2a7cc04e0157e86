import { describeConformance } from '../src/conformance.ts';
import { express4 } from '../src/drivers/express4.ts';

describeConformance(express4);
