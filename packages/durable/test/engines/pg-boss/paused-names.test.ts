import { type JobBackend, type Lease, pgliteBackend } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import type { PgBoss } from '../../../src/engines/pg-boss/types.ts';
import { describePgBoss } from '../../support/engines.ts';
import { keepAll } from '../../support/keep-all.ts';

describePgBoss('a name that is stopped', () => {
  let backend: JobBackend;

  beforeEach(async () => {
    backend = pgliteBackend();
    const spec = { name: 'job', retries: 0, backoff: 0, leaseTime: 60_000, keep: keepAll };
    await backend.open([spec], { work: true, onError() {} });
  }, 120_000);

  afterEach(async () => backend.close());

  it.each(['pause', 'resume'] as const)(
    'is so by the last %s(), whatever a look has found that began before it and is answered after it',
    async (what) => {
      if (what === 'resume') await backend.control.pause('job');
      await backend.enqueue({ name: 'job', payload: {} });
      const [looked, answer] = [deferred<void>(), deferred<void>()];
      const db = (backend.native as { boss: PgBoss }).boss.getDb();
      const execute = db.executeSql.bind(db);
      // The first look; later ones have no answer.
      let looks = 0;
      db.executeSql = async (text, values) => {
        const result = await execute(text, values);
        if (!text.includes('start_after - ')) return result;
        looks += 1;
        if (looks > 1) return new Promise(() => {});
        looked.resolve();
        await answer.promise;
        return result;
      };
      let leases: readonly Lease[] | undefined;
      const { signal } = new AbortController();
      void backend.claim(['job'], 1, signal).then((claimed) => (leases = claimed));
      await looked.promise;
      await backend.control[what]('job');
      answer.resolve();
      await until(() => leases !== undefined || looks > 1);
      expect(leases ?? []).toHaveLength(what === 'resume' ? 1 : 0);
    },
    120_000,
  );
});
