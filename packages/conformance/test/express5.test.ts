import framework from 'express';
import { describeConformance } from '../src/conformance.ts';
import { express5 } from '../src/drivers/express5.ts';
import { describeExpressApp } from '../src/scenarios/express-app.ts';
import { describeExpressErrors } from '../src/scenarios/express-errors.ts';
import { describeExpressMiddleware } from '../src/scenarios/express-middleware.ts';

describeConformance(express5);
describeExpressErrors(express5.name, framework);
describeExpressMiddleware(express5.name, framework);
describeExpressApp(express5.name, framework);
