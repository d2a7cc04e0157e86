import { randomUUID } from 'node:crypto';
import type { DiedJob, JobBackend, KeepRule, KeepRules } from '../backend.ts';
import { bulkCases } from './bulk.ts';
import { keyCases } from './keys.ts';
import { limitCases } from './limits.ts';
import { scheduleCases } from './schedules.ts';
import { type Case, World } from './world.ts';
import { endingCases } from './endings.ts';
import { controlCases } from './control.ts';
import { leaseCases } from './leases.ts';
import { lookupCases } from './lookup.ts';
import { storingCases } from './storing.ts';
import { transactionCases } from './transactions.ts';

const forever: KeepRule = { age: Infinity, count: Infinity };
const keepAll: KeepRules = { completed: forever, failed: forever };

/** The test of one promise of a backend. */
export interface ConformanceTest {
  /** The promise. */
  readonly title: string;
  /** Takes up to a minute. Rejects with an `AssertionError` where the promise is broken. */
  readonly run: () => Promise<void>;
}

/** The tests that a backend has to pass, for any test runner. */
export interface ConformanceSuite {
  /** One for each promise, to be run one after the other or at once. */
  readonly tests: readonly ConformanceTest[];
  /** Opens the backend; before the tests. */
  readonly open: () => Promise<void>;
  /** Closes the backend; after the tests. */
  readonly close: () => Promise<void>;
}

/**
 * The promises that a {@link JobBackend} has to keep, as tests for any test runner. All of them use one
 * backend, opened once, with job names of their own: other jobs in the store do not disturb them.
 *
 * @param create - creates the backend, not yet open
 * @example
 * ```typescript
 * import { memoryBackend } from '@outlive/durable';
 * import { conformanceSuite } from '@outlive/durable/conformance';
 *
 * const { tests, open, close } = conformanceSuite(() => memoryBackend());
 *
 * beforeAll(open);
 * afterAll(close);
 * test.each(tests)('$title', async ({ run }) => run(), 60_000);
 * ```
 */
export function conformanceSuite(create: () => JobBackend): ConformanceSuite {
  const cases: Case[] = [
    ...storingCases,
    ...bulkCases,
    ...keyCases,
    ...limitCases,
    ...scheduleCases,
    ...endingCases,
    ...leaseCases,
    ...lookupCases,
    ...controlCases,
    ...transactionCases,
  ];
  const suffix = randomUUID().slice(0, 8);
  const named = cases.map((each, index) => ({ ...each, name: `conformance-${index}-${suffix}` }));
  let backend: JobBackend | undefined;
  const errors: unknown[] = [];
  const died: DiedJob[] = [];
  const onError = (error: unknown): void => {
    // The tests leave jobs on loan, whose leases run out during later ones.
    if ((error as { code?: unknown } | undefined)?.code !== 'ERR_JOB_FAILED') errors.push(error);
  };
  return {
    tests: named.map(({ title, name, run }) => ({
      title,
      run: async () => {
        if (backend === undefined) throw new TypeError('Call open() before the tests');
        await run(new World(backend, name, died));
        if (errors.length > 0) throw errors.shift();
      },
    })),
    async open() {
      const opening = create();
      const specs = named.map(({ name, spec }) => {
        return { retries: 1, backoff: 0, leaseTime: 10_000, keep: keepAll, ...spec, name };
      });
      await opening.open(specs, { work: true, onError, onDied: (job) => died.push(job) });
      backend = opening;
    },
    async close() {
      await backend?.close();
    },
  };
}
