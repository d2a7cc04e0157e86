import framework from 'express';
import { expressDriver } from './express.ts';

export const express5 = expressDriver('Express 5', framework);
