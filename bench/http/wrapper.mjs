// @ts-check
// The wrapper alone, against a request and a response that do nothing.
import { Scheduler } from '@outlive/core';
import { atomic } from '@outlive/http';
import { bindRequest } from '@outlive/http/internal';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** @param {{ count: number, kind: 'bare' | 'bound' | 'atomic' }} options @returns {import('../lib/interleave.mjs').Block} */
export const calls = ({ count, kind }) => {
  let called = 0;
  /** @type {(request: IncomingMessage, response: ServerResponse) => Promise<void>} */
  const handler = async () => {
    called += 1;
  };
  const wrapped = kind === 'atomic' ? atomic(handler) : handler;
  const scheduler = kind === 'bare' ? undefined : new Scheduler({ limit: Infinity });
  const response = /** @type {ServerResponse} */ ({});
  return async () => {
    called = 0;
    for (let index = 0; index < count; index += 1) {
      const request = /** @type {IncomingMessage} */ (/** @type {unknown} */ ({ index }));
      // What a middleware does for every request, atomic or not.
      if (scheduler !== undefined) bindRequest(request, response, scheduler, undefined);
      await wrapped(request, response);
    }
    const check = () => {
      if (called !== count) throw new Error(`${called} of ${count} calls`);
    };
    return { count, check };
  };
};
