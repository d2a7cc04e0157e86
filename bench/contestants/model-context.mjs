// @ts-check
// The model in which a job that had to wait sees the async context of its spawn(), as ours does.
import { openModel } from './model-api.mjs';

/** @param {number} limit @param {import('./queue.mjs').Work} work */
export const open = (limit, work) => openModel(limit, work, true);
