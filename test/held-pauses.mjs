// @ts-check
// Preloaded into an example: what it pretends to do takes until the test sends a message, whatever the clock says.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const pause = timers.setTimeout;
const days = 2 ** 31 - 1;
let goOn = new AbortController();

/**
 * @template T
 * @param {number | undefined} _delay
 * @param {T} value
 * @param {{ signal?: AbortSignal }} [options]
 */
async function held(_delay, value, { signal } = {}) {
  const gate = goOn.signal;
  try {
    await pause(days, undefined, { signal: signal ? AbortSignal.any([gate, signal]) : gate });
  } catch (error) {
    if (!gate.aborted) throw error;
  }
  return value;
}

Object.assign(timers, { setTimeout: held });
syncBuiltinESMExports();

process.on('message', () => {
  goOn.abort();
  goOn = new AbortController();
});
// Waiting for messages is no reason to stay.
process.channel?.unref();
