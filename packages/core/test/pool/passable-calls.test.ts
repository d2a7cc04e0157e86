import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { settled } from '../support/settled.ts';
import { workPerOne } from '../support/work.ts';

/** What one call may cost more among ten times as many: the logarithm of their number grows. */
const growth = 1.5;
const counts = [150, 1_500];

describe('spawn() calls that wait where no job may be pending', () => {
  it('get room in the order of the calls, however their `after` settles and their keys fill', async () => {
    const scheduler = new Scheduler({ limit: 2, pendingLimit: 0, perKey: 1 });
    const started: string[] = [];
    const ends = new Map<string, () => void>();
    const gates = new Map<string, () => void>();
    const spawn = (name: string, key?: string, gated = false): void => {
      const gate = deferred();
      if (gated) gates.set(name, gate.resolve);
      const after = gated ? gate.promise : undefined;
      void scheduler.spawn(
        () => {
          const { promise, resolve } = deferred();
          started.push(name);
          ends.set(name, resolve);
          return promise;
        },
        { key, after },
      );
    };
    spawn('a1', 'a');
    spawn('x');
    spawn('a2', 'a');
    spawn('gated a', 'a', true);
    spawn('gated', undefined, true);
    spawn('y');
    spawn('b1', 'b');
    gates.get('gated')?.();
    await settled();
    ends.get('x')?.();
    await settled();
    expect(started).toEqual(['a1', 'x', 'gated']);
    gates.get('gated a')?.();
    ends.get('gated')?.();
    await settled();
    expect(started.slice(3)).toEqual(['y']);
    ends.get('a1')?.();
    await settled();
    expect(started.slice(4)).toEqual(['a2']);
    ends.get('y')?.();
    await settled();
    expect(started.slice(5)).toEqual(['b1']);
    ends.get('a2')?.();
    await settled();
    expect(started.slice(6)).toEqual(['gated a']);
    for (const end of ends.values()) end();
    await scheduler.waitAndClose();
  });

  it('cost the same, however many of them wait for their `after`', async () => {
    const [few = 0, many = Infinity] = await workPerOne(
      `async function run(count) {
        const scheduler = new Scheduler({ limit: 2, pendingLimit: 0 });
        let release;
        const after = new Promise((resolve) => { release = resolve; });
        const others = [];
        for (let index = 0; index < count; index += 1) {
          scheduler.spawn(() => {}, { after });
          others.push(scheduler.spawn(() => turn()));
        }
        await Promise.all(others);
        release();
        await scheduler.idle();
      }`,
      counts,
    );
    expect(many / few).toBeLessThan(growth);
  });

  it('cost the same, however many of them wait for their key', async () => {
    const [few = 0, many = Infinity] = await workPerOne(
      `async function run(count) {
        const scheduler = new Scheduler({ limit: 20, pendingLimit: 0, perKey: 1 });
        for (let index = 0; index < count; index += 1) {
          scheduler.spawn(() => turn(), { key: 'crowded' });
          scheduler.spawn(() => turn(), { key: 'key ' + (index % 10) });
        }
        await scheduler.idle();
      }`,
      counts,
    );
    expect(many / few).toBeLessThan(growth);
  });
});
