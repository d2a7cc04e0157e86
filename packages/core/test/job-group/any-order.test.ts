import assert from 'node:assert/strict';
import { type Job, type JobContext, type JobGroup, Scheduler } from '@outlive/core';
import { deferred, type Deferred } from '@outlive/test-support/deferred';
import fc from 'fast-check';
import { settled } from '../support/settled.ts';

interface Opened {
  readonly group: JobGroup;
  readonly limit: number;
  readonly jobs: Set<Job>;
  /** The job that it is inside. */
  readonly host: Job | undefined;
  running: number;
}

/** A scheduler whose groups and jobs do what they are told. */
class World {
  readonly scheduler: Scheduler;
  readonly groups: Opened[] = [];
  readonly running = new Map<Job, Deferred<void>>();
  readonly #hosts: { readonly job: Job; readonly context: JobContext }[] = [];
  readonly reported: unknown[] = [];

  constructor(limit: number) {
    this.scheduler = new Scheduler({
      limit,
      pendingLimit: Infinity,
      exceptionHandler: ({ exception }) => {
        this.reported.push(exception);
      },
    });
  }

  /** Jobs that hold a slot. */
  get slots(): number {
    const inside = this.groups.filter(({ host }) => host !== undefined);
    const slotless = [...this.running.keys()].filter((job) =>
      inside.some(({ jobs }) => jobs.has(job)),
    );
    return this.running.size - slotless.length;
  }

  open(at: number, options: { limit: number; failFast: boolean; inside: boolean }): void {
    const hosts = this.#hosts.filter(({ job }) => job.active);
    const host = options.inside ? hosts[at % Math.max(1, hosts.length)] : undefined;
    const { limit, failFast } = options;
    const group = this.scheduler.group({ limit, failFast, inside: host?.context });
    this.groups.push({ group, limit, jobs: new Set(), host: host?.job, running: 0 });
  }

  spawn(at: number, priority: number): void {
    const opened = this.groups[at % (this.groups.length + 1)];
    const told = deferred();
    const run = async (context: JobContext): Promise<void> => {
      const job = context as Job;
      this.running.set(job, told);
      this.#hosts.push({ job, context });
      if (opened !== undefined) {
        opened.jobs.add(job);
        opened.running += 1;
        assert.ok(opened.running <= opened.limit);
      }
      try {
        await told.promise;
      } finally {
        this.running.delete(job);
        if (opened !== undefined) opened.running -= 1;
      }
    };
    try {
      const job = (opened?.group ?? this.scheduler).spawnNow(run, { priority });
      job.wait().catch(() => {});
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'ERR_JOB_CANCELLED');
    }
  }

  end(at: number, how: 'completes' | 'fails'): void {
    const [, told] = [...this.running][at % Math.max(1, this.running.size)] ?? [];
    if (how === 'completes') told?.resolve();
    else told?.reject(new Error('told to fail'));
  }

  check(): void {
    assert.ok(this.slots <= this.scheduler.limit);
    // A job whose function has ended may still hold its slot for a group inside it.
    assert.ok(this.scheduler.activeCount >= this.running.size);
  }
}

const command = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      at: fc.nat(20),
      limit: fc.integer({ min: 1, max: 3 }),
      failFast: fc.boolean(),
      inside: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('spawn' as const),
      at: fc.nat(20),
      priority: fc.constantFrom(0, 0, 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      at: fc.nat(20),
      how: fc.constantFrom('completes' as const, 'completes' as const, 'fails' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), at: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), at: fc.nat(20) }) },
);

it('groups in any order keep their limits and that of the scheduler, and all of them come to an end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(command, { maxLength: 50, size: 'max' }),
      async (limit, commands) => {
        const world = new World(limit);
        const { scheduler, groups } = world;
        for (const each of commands) {
          if (each.do === 'open') world.open(each.at, each);
          else if (each.do === 'spawn') world.spawn(each.at, each.priority);
          else if (each.do === 'end') world.end(each.at, each.how);
          else if (each.do === 'close') void groups[each.at % (groups.length + 1)]?.group.close();
          else {
            const jobs = [...scheduler];
            jobs[each.at % (jobs.length + 1)]?.close({ timeout: 0 }).catch(() => {});
          }
          world.check();
          await settled();
          world.check();
        }
        const waited = Promise.allSettled(groups.map(({ group }) => group.wait()));
        while (scheduler.size > 0) {
          world.end(0, 'completes');
          await settled();
          world.check();
        }
        await waited;
        expect(groups.map(({ group }) => group.size)).toEqual(groups.map(() => 0));
        await Promise.all(groups.map(({ group }) => group.close()));
        await settled();
        expect(world.reported).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});
