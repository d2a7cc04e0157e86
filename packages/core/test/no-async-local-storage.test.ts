import { AsyncLocalStorage, executionAsyncResource } from 'node:async_hooks';
import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { nextTurn } from '@outlive/test-support/turn';
import { inChild } from './support/child.ts';

// What an AsyncLocalStorage that was entered leaves to be seen: on Node 20 and 22 fields on every promise (its
// hooks are on for the whole process) and on the resource that runs; from Node 24 on a frame in every AsyncResource.
const probe = `
  const { AsyncLocalStorage, AsyncResource, executionAsyncResource } = require('node:async_hooks');
  const symbols = (object) => Object.getOwnPropertySymbols(object);
  const traces = () => {
    const resource = new AsyncResource('Probe');
    return [
      ...symbols(Promise.resolve()),
      ...symbols(resource).filter((key) => String(key).includes('context_frame') && resource[key] !== undefined),
      ...symbols(executionAsyncResource()).filter((key) => String(key).includes('ResourceStore')),
    ].map(String);
  };
  const calls = [];
  for (const method of ['run', 'exit', 'enterWith', 'getStore', '_enable', 'disable']) {
    const original = AsyncLocalStorage.prototype[method];
    if (original === undefined) continue;
    AsyncLocalStorage.prototype[method] = function (...args) {
      calls.push(method);
      return original.apply(this, args);
    };
  }
  const seen = [];
  const look = (where) => { for (const trace of traces()) seen.push(where + ': ' + trace); };
`;

// Everything that asks who calls, or asked once.
const life = `
  const boom = () => { look('failing job'); throw new Error('boom'); };
  const obedient = ({ signal }) => new Promise((_, reject) =>
    signal.addEventListener('abort', () => { look('abort'); reject(signal.reason); }));
  const live = async () => {
    const scheduler = new Scheduler({
      limit: 2,
      closeTimeout: 1,
      exceptionHandler: () => look('handler'),
    });
    look('start');
    const job = await scheduler.spawn(async (self) => {
      look('job');
      await turn();
      look('job after an await');
      await scheduler.idle({ from: self });
      await scheduler.drain({ from: self });
      look('job after a drain');
    });
    scheduler.spawnNow(boom);
    await job.wait();
    const after = turn();
    await Promise.all([1, 2, 3, 4].map((priority) =>
      scheduler.spawnNow(async () => { await turn(); look('queued job'); }, { priority, after }).wait()));
    await scheduler.shield(async (self) => {
      look('shield');
      await turn();
      await scheduler.idle({ from: self });
    });
    const own = scheduler.spawnNow(async () => { await turn(); await own.close().catch(() => {}); look('closed itself'); });
    await own.wait();
    scheduler.spawnNow(obedient, { timeout: 1 });
    scheduler.spawnNow(() => new Promise(() => {}));
    await scheduler.drain({ timeout: 2 });
    const last = scheduler.spawnNow(async (self) => { await scheduler.waitAndClose({ from: self, timeout: 1 }); look('last job'); });
    await last.wait().catch(() => {});
    await scheduler.close();
    await turn();
    look('end');
  };
`;

describe('nothing of the library enters or reads an AsyncLocalStorage', () => {
  it('in the whole life of a scheduler that every kind of call is made to, from inside too', async () => {
    const outcome = await inChild(`${probe} ${life}
      live().then(() => console.log(JSON.stringify({ seen: [...new Set(seen)], calls })));
    `);
    expect(outcome).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ seen: [], calls: [] })}\n`,
      stderr: '',
    });
  });

  it('which the test would see', async () => {
    const { stdout } = await inChild(`${probe}
      const storage = new AsyncLocalStorage();
      storage.run({}, () => look('inside'));
      console.log(seen.length > 0, calls[0]);
    `);
    expect(stdout).toBe('true run\n');
  });
});

describe("the user's own AsyncLocalStorage", () => {
  const storage = new AsyncLocalStorage<string>();

  it('is left as it is by every call', async () => {
    await storage.run('mine', async () => {
      const scheduler = new Scheduler();
      const gate = deferred();
      const job = scheduler.spawnNow(() => gate.promise);
      const seen: unknown[] = [];
      const calls = [
        scheduler.spawn(() => seen.push(storage.getStore())),
        scheduler.shield(async () => seen.push(storage.getStore())),
        scheduler.idle({ from: job }),
        scheduler.drain({ from: job }),
        scheduler.waitAndClose({ from: job }),
        scheduler.close({ from: job }),
      ];
      for (const call of calls) {
        expect(storage.getStore()).toBe('mine');
        await call.catch(() => {});
        expect(storage.getStore()).toBe('mine');
      }
      gate.resolve();
      await job.wait();
      expect(seen).toEqual(['mine', 'mine']);
    });
  });
});

describe('a function that starts at once', () => {
  it('runs in the very resource of its caller', async () => {
    const scheduler = new Scheduler();
    const outside = executionAsyncResource();
    let inside: object | undefined;
    scheduler.spawnNow(() => {
      inside = executionAsyncResource();
    });
    expect(inside).toBe(outside);
    expect(executionAsyncResource()).toBe(outside);
    await scheduler.shield(() => {
      inside = executionAsyncResource();
    });
    await nextTurn();
    await scheduler.close();
  });
});
