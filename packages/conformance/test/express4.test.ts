import type express from 'express';
import framework from 'express4';
import { describeConformance } from '../src/conformance.ts';
import { express4 } from '../src/drivers/express4.ts';
import { describeExpressApp } from '../src/scenarios/express-app.ts';
import { describeExpressErrors } from '../src/scenarios/express-errors.ts';
import { describeExpressMiddleware } from '../src/scenarios/express-middleware.ts';

describeConformance(express4);
describeExpressErrors(express4.name, framework as unknown as typeof express);
describeExpressMiddleware(express4.name, framework as unknown as typeof express);
describeExpressApp(express4.name, framework as unknown as typeof express);
