// @ts-check
import Bottleneck from 'bottleneck';

/** @param {number} maxConcurrent @param {import('./queue.mjs').Work} work @param {{ perKey?: number } & Bottleneck.ConstructorOptions} [options] */
export function open(maxConcurrent, work, { perKey, ...options } = {}) {
  const limiter = new Bottleneck({ maxConcurrent, ...options });
  const group = new Bottleneck.Group({ maxConcurrent: perKey ?? null });
  // All keys under one limit, as here.
  group.on('created', (ofKey) => {
    ofKey.chain(limiter);
  });
  return {
    run: () => limiter.schedule(work),
    /** @param {string} key */
    runFor: (key) => group.key(key).schedule(work),
  };
}
