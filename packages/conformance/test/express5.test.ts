import { describeConformance } from '../src/conformance.ts';
import { express5 } from '../src/drivers/express5.ts';

describeConformance(express5);
