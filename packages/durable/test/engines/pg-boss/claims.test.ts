import type { Lease } from '@outlive/durable';
import { Claims } from '../../../src/engines/pg-boss/claims.ts';
import type { Connection } from '../../../src/engines/pg-boss/connection.ts';
import type { ClaimSql, DoneRun, Turn } from '../../../src/engines/pg-boss/claim-sql.ts';
import { ReadyQueues } from '../../../src/engines/ready-queues.ts';

const result = 'result';
const lease = (id: string): Lease => ({
  id,
  name: 'job',
  payload: null,
  attempt: 1,
  ref: { id, retryCount: 0 },
});

/** Claims on a database that lends out these jobs; `fails`: its statements do. */
function claimsOf(waiting: string[], { fails = false, foreign = '' } = {}) {
  const statements: string[] = [];
  const reported: unknown[] = [];
  const sql = {
    async endAndTake(_name: string, runs: readonly DoneRun[], wanted: number): Promise<Turn> {
      statements.push(`end ${runs.map((run) => run.lease.id).join(' ')}, take ${wanted}`);
      if (fails) throw new Error('the statement failed');
      const taken = waiting.splice(0, wanted).map((id) => ({
        id,
        data: id === foreign ? {} : { payload: null },
        retryCount: 0,
        retryLimit: 2,
        heartbeatSeconds: 30,
        sourceOutput: null,
      }));
      return { wasGood: runs.map((run) => run.lease.id !== 'lost'), taken };
    },
    async fail({ id }: Lease): Promise<boolean> {
      statements.push(`fail ${id}`);
      return true;
    },
  };
  const queues = new ReadyQueues(['job'], { interval: 2_000, look: async () => [] });
  const claims = new Claims({} as Connection, {
    sql: sql as unknown as ClaimSql,
    specs: [],
    report: (error) => void reported.push(error),
    queues,
  });
  return { claims, queues, statements, reported };
}

describe('the jobs that end in one turn', () => {
  it('end and bring as many along with one statement', async () => {
    const { claims, statements } = claimsOf(['c', 'd']);
    const ends = ['a', 'b', 'lost'].map(async (id) => claims.complete(lease(id), result));
    const single = claims.settle(lease('e'), { kind: 'done' });
    const settlements = await Promise.all(ends);
    expect(await single).toBe(true);
    expect(statements).toEqual(['end a b lost e, take 3']);
    expect(settlements.map(({ wasGood, next }) => [wasGood, next?.id])).toEqual([
      [true, 'c'],
      [true, 'd'],
      [false, undefined],
    ]);
  });

  it('end with the statement that takes jobs for free slots', async () => {
    const { claims, statements } = claimsOf(['b', 'c', 'd']);
    const taken = claims.take('job', 2);
    const end = claims.complete(lease('a'), result);
    expect((await taken).map(({ id }) => id)).toEqual(['b', 'c']);
    expect((await end).next?.id).toBe('d');
    expect(statements).toEqual(['end a, take 3']);
  });

  it('all reject, and leave the others to the next claim, where the statement fails', async () => {
    const { claims, queues } = claimsOf(['c'], { fails: true });
    await expect(claims.complete(lease('a'), result)).rejects.toThrow('failed');
    await expect(claims.settle(lease('a'), { kind: 'done' })).rejects.toThrow('failed');
    expect(queues.isReady(['job'])).toBe(true);
  });
});

it('asks at once for what may wait behind jobs that it refuses', async () => {
  const { claims, queues, statements, reported } = claimsOf(['a', 'b'], { foreign: 'a' });
  expect(await claims.take('job', 1)).toEqual([]);
  expect(statements).toEqual(['end , take 1', 'fail a']);
  expect(reported).toHaveLength(1);
  expect(queues.isReady(['job'])).toBe(true);
});
