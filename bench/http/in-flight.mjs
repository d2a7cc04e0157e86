// @ts-check
import { setImmediate } from 'node:timers/promises';
import { Scheduler } from '@outlive/core';
import { atomic } from '@outlive/http';
import { bindRequest } from '@outlive/http/internal';
import { makeMemory, unfinished } from '../lib/memory.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('../lib/interleave.mjs').Block} Block */

const response = /** @type {ServerResponse} */ ({});

/** Bytes of a handler in flight: of a plain one, or of an atomic one with all that is known of its request. @param {{ count: number, plain: boolean }} size @returns {Block} */
export const memory = ({ count, plain }) =>
  makeMemory((_size, kept) => {
    const requests = makeRequests(count);
    const handler = unfinished(kept);
    if (plain) {
      for (let index = 0; index < count; index += 1) void handler();
      return requests;
    }
    const scheduler = new Scheduler({ limit: Infinity });
    handle(requests, scheduler, atomic(handler));
    return { requests, scheduler };
  })({ count, awaited: false });

/** How long a drain takes that begins when all handlers end in the next turn. @param {{ count: number }} size @returns {Block} */
export const drainHandlers =
  ({ count }) =>
  async () => {
    const scheduler = new Scheduler({ limit: Infinity });
    /** @type {((value?: unknown) => void)[]} */
    const kept = [];
    handle(makeRequests(count), scheduler, atomic(unfinished(kept)));
    return drained(scheduler, count, () => {
      for (const end of kept) end();
    });
  };

/** How long a drain takes that lets all pending jobs run. @param {{ count: number }} size @returns {Block} */
export const drainPending =
  ({ count }) =>
  async () => {
    const scheduler = new Scheduler({ pendingLimit: Infinity });
    for (let index = 0; index < count; index += 1) scheduler.spawnNow(() => setImmediate());
    return drained(scheduler, count, () => {});
  };

/** @param {Scheduler} scheduler @param {number} count @param {() => void} act */
async function drained(scheduler, count, act) {
  const start = process.cpuUsage();
  const drain = scheduler.drain();
  act();
  const { completed } = await drain;
  const { user, system } = process.cpuUsage(start);
  const check = () => {
    if (completed !== count) throw new Error(`${completed} of ${count} completed`);
  };
  return { count, check, cost: ((user + system) * 1_000) / count };
}

/** @param {number} count */
function makeRequests(count) {
  return Array.from(
    { length: count },
    (_, index) => /** @type {IncomingMessage} */ (/** @type {unknown} */ ({ index })),
  );
}

/**
 * @param {IncomingMessage[]} requests
 * @param {Scheduler} scheduler
 * @param {(request: IncomingMessage, response: ServerResponse) => unknown} handler
 */
function handle(requests, scheduler, handler) {
  for (const request of requests) {
    bindRequest(request, response, scheduler, undefined);
    void handler(request, response);
  }
}
