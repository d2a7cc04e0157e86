import { randomUUID } from 'node:crypto';
import type { JobBackend } from '../backend.ts';
import { type Case, World } from './world.ts';
import { endingCases } from './endings.ts';
import { leaseCases } from './leases.ts';
import { storingCases } from './storing.ts';
import { transactionCases } from './transactions.ts';

/** One promise of a backend. */
export interface ConformanceTest {
  readonly title: string;
  /** Rejects with an AssertionError where the promise is broken. Takes up to a minute. */
  readonly run: () => Promise<void>;
}

/** What a backend has to pass, for any test runner. */
export interface ConformanceSuite {
  readonly tests: readonly ConformanceTest[];
  /** Opens the backend; before the tests. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * The promises that a {@link JobBackend} has to keep, as tests for whatever runner you use. All of them use
 * one backend, opened once, with names of their own: what is in the store already does not disturb them.
 *
 * @param make - makes the backend, not yet open
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
export function conformanceSuite(make: () => JobBackend): ConformanceSuite {
  const cases: Case[] = [...storingCases, ...endingCases, ...leaseCases, ...transactionCases];
  const suffix = randomUUID().slice(0, 8);
  const named = cases.map((each, index) => ({ ...each, name: `conformance-${index}-${suffix}` }));
  let backend: JobBackend | undefined;
  const errors: unknown[] = [];
  return {
    tests: named.map(({ title, name, run }) => ({
      title,
      run: async () => {
        if (backend === undefined) throw new TypeError('Call open() before the tests');
        await run(new World(backend, name));
        if (errors.length > 0) throw errors.shift();
      },
    })),
    async open() {
      const opening = make();
      const specs = named.map(({ name, spec }) => {
        return { retries: 1, backoff: 0, leaseTime: 10_000, ...spec, name };
      });
      await opening.open(specs, { work: true, onError: (error) => errors.push(error) });
      backend = opening;
    },
    async close() {
      await backend?.close();
    },
  };
}
