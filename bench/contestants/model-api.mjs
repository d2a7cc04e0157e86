// @ts-check
import { makeModel } from '../lib/model.mjs';

export const { waves, oneByOne } = makeModel();
