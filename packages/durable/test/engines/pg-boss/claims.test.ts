import type { Lease } from '@outlive/durable';
import { Claims } from '../../../src/engines/pg-boss/claims.ts';
import type { Connection } from '../../../src/engines/pg-boss/connection.ts';
import type { DoneRun, PgBossSql } from '../../../src/engines/pg-boss/sql.ts';
import { ReadyQueues } from '../../../src/engines/ready-queues.ts';

const done = { kind: 'done', result: undefined } as const;
const lease = (id: string): Lease => ({
  id,
  name: 'job',
  payload: null,
  attempt: 1,
  ref: { id, retryCount: 0 },
});

/** Claims on a database that lends out these jobs, and ends those of which it is not told that the statement fails. */
function claimsOf(waiting: string[], failing: ReadonlySet<string> = new Set()) {
  const statements: string[] = [];
  const reported: unknown[] = [];
  const fetch = async (_name: string, { batchSize }: { batchSize: number }): Promise<unknown[]> => {
    statements.push(`fetch ${batchSize}`);
    if (failing.has('fetch')) throw new Error('fetch failed');
    return waiting.splice(0, batchSize).map((id) => ({
      id,
      name: 'job',
      data: { payload: null },
      retryCount: 0,
      retryLimit: 2,
      heartbeatSeconds: 30,
    }));
  };
  const sql = {
    async complete(_name: string, runs: readonly DoneRun[]): Promise<boolean[]> {
      statements.push(`complete ${runs.map((run) => run.lease.id).join(' ')}`);
      if (failing.has('complete')) throw new Error('complete failed');
      return runs.map((run) => run.lease.id !== 'lost');
    },
    async release({ id }: Lease): Promise<boolean> {
      statements.push(`release ${id}`);
      return true;
    },
  };
  const queues = new ReadyQueues(['job'], { interval: 2_000, look: async () => [] });
  const claims = new Claims({ boss: { fetch } } as unknown as Connection, {
    sql: sql as unknown as PgBossSql,
    specs: [],
    report: (error) => void reported.push(error),
    queues,
  });
  return { claims, queues, statements, reported };
}

describe('the jobs that end in one turn', () => {
  it('end with one statement and bring as many along with another one at the same time', async () => {
    const { claims, statements } = claimsOf(['c', 'd']);
    const ends = ['a', 'b', 'lost'].map(async (id) => claims.complete(lease(id), done));
    const settlements = await Promise.all(ends);
    expect(statements).toEqual(['complete a b lost', 'fetch 3']);
    expect(settlements.map(({ wasGood, next }) => [wasGood, next?.id])).toEqual([
      [true, 'c'],
      [true, 'd'],
      [false, undefined],
    ]);
  });

  it('have ended, and leave the others to the next claim, where these cannot be taken', async () => {
    const { claims, queues, reported } = claimsOf(['c'], new Set(['fetch']));
    expect(await claims.complete(lease('a'), done)).toEqual({ wasGood: true, next: undefined });
    expect(reported).toEqual([new Error('fetch failed')]);
    expect(queues.isReady(['job'])).toBe(true);
  });

  it('hand back what they have brought along where their own end cannot be recorded', async () => {
    const { claims, statements } = claimsOf(['c'], new Set(['complete']));
    await expect(claims.complete(lease('a'), done)).rejects.toThrow('complete failed');
    expect(statements).toEqual(['complete a', 'fetch 1', 'release c']);
  });
});
