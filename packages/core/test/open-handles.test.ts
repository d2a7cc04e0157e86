import { createHook } from 'node:async_hooks';
import type * as core from '@outlive/core';
import { nextTurn } from '@outlive/test-support/turn';
import { settled } from './support/settled.ts';

/** What `jest --detectOpenHandles` goes by: the resources that async hooks hear of, and their `hasRef()`. */
async function holdsOf(use: () => Promise<void>): Promise<string[]> {
  const holds: string[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource: { hasRef?: () => boolean }) {
      if (type.startsWith('Outlive') && resource.hasRef?.() !== false) holds.push(type);
    },
  }).enable();
  await use();
  hook.disable();
  return holds;
}

function load(): typeof core {
  let loaded: typeof core | undefined;
  jest.isolateModules(() => {
    loaded = jest.requireActual<typeof core>('@outlive/core');
  });
  return loaded as typeof core;
}

describe('to `jest --detectOpenHandles`', () => {
  it('the import of the package is no open handle', async () => {
    expect(await holdsOf(async () => void load())).toEqual([]);
  });

  it.each(['caller', 'scheduler'] as const)(
    'nothing that a scheduler does is one: context %s',
    async (context) => {
      const { Scheduler } = load();
      const holds = await holdsOf(async () => {
        const scheduler = new Scheduler({ limit: 1, context, exceptionHandler: () => {} });
        const running = scheduler.spawnNow(nextTurn, { timeout: 60_000 });
        const { signal } = new AbortController();
        const pending = scheduler.spawnNow(nextTurn, { signal, after: running.wait() });
        await Promise.allSettled([pending.wait({ timeout: 0 }), pending.wait({ signal })]);
        scheduler.spawnNow(() => Promise.reject(new Error('boom')));
        await scheduler.shield(nextTurn(), { signal });
        await scheduler.idle({ signal });
        await scheduler.drain();
        scheduler.spawnNow(() => new Promise(() => {}));
        await scheduler.close();
        await settled();
      });
      expect(holds).toEqual([]);
    },
  );
});
