/* oxlint-disable jest/expect-expect -- the suite has assertions of its own */
import { Scheduler } from '@outlive/core';
import type { JobBackend } from '@outlive/durable';
import { conformanceSuite } from '@outlive/durable/conformance';
import { testsAtOnce } from './tests-at-once.ts';

/**
 * Tests a backend by the published suite.
 *
 * @param limit - so many of its tests run at once: they mostly wait
 */
export function conforms(limit: number, create: () => JobBackend): void {
  const { tests, open, close } = conformanceSuite(create);
  const scheduler = new Scheduler({ limit });
  const it = testsAtOnce(async () => {
    await open();
    return { stop: close };
  });
  for (const { title, run } of tests) it(title, async () => scheduler.spawnNow(run).wait());
}
