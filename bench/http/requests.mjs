// @ts-check
import inject from 'light-my-request';
import { apps } from './apps.mjs';

/** @typedef {{ count: number, framework: string, kind: import('./apps.mjs').Kind }} Options */

/** Injected requests, one after the other. @param {Options} options @returns {import('../lib/interleave.mjs').Block} */
export const requests = ({ count, framework, kind }) => {
  const made = apps[framework]?.(kind);
  return async () => {
    const app = await made;
    if (app === undefined) throw new Error(framework);
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
};
