// @ts-check
import { atomic, jobsListener } from '@outlive/http';
import inject from 'light-my-request';
import { apps } from './apps.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse<any>} ServerResponse */
/** @typedef {import('./apps.mjs').Kind} Kind */
/** @typedef {import('../measure/interleave.mjs').Block} Block */

/** Injected requests, one after the other. @param {{ count: number, framework: string, kind: Kind }} options @returns {Promise<Block>} */
export async function requests({ count, framework, kind }) {
  const app = await apps[framework]?.(kind);
  if (app === undefined) throw new Error(framework);
  return async () => {
    let good = 0;
    for (let index = 0; index < count; index += 1) {
      const response = await inject(app, { method: 'GET', url: '/' });
      if (response.statusCode === 200 && response.payload === 'hello') good += 1;
    }
    const check = () => {
      if (good !== count) throw new Error(`${good} of ${count} answers are right`);
    };
    return { count, check };
  };
}

/** The handler alone, behind a jobs listener, with requests that are next to nothing. @param {{ count: number, kind: Kind }} options @returns {Block} */
export function handlers({ count, kind }) {
  let called = 0;
  /** @type {(request: IncomingMessage, response: ServerResponse) => Promise<void>} */
  const plain = async () => {
    called += 1;
  };
  const handler = kind === 'atomic' ? atomic(plain) : plain;
  // As the listener itself, which is how it costs least: elsewhere its promise has to know who awaits it.
  const listener = jobsListener(handler, { limit: Infinity, drainOnClose: false });
  const response = /** @type {ServerResponse} */ ({});
  return async () => {
    called = 0;
    for (let index = 0; index < count; index += 1) {
      const request = /** @type {IncomingMessage} */ ({ url: '/' });
      listener(request, response);
      // Its job has ended by then: that was queued first.
      await Promise.resolve();
    }
    const check = () => {
      if (called !== count) throw new Error(`${called} of ${count} calls`);
    };
    return { count, check };
  };
}
