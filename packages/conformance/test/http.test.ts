import { describeConformance } from '../src/conformance.ts';
import { http } from '../src/drivers/http.ts';
import { describeHttpApp } from '../src/scenarios/http-app.ts';

describeConformance(http);
describeHttpApp();
