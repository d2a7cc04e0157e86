import type express from 'express';
import framework from 'express4';
import { expressDriver } from './express.ts';

export const express4 = expressDriver('Express 4', framework as unknown as typeof express);
