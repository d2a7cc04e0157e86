import { describeConformance } from '../src/conformance.ts';
import { http } from '../src/drivers/http.ts';

describeConformance(http);
