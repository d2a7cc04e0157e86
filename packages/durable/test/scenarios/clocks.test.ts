/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { Scene } from '../support/scene.ts';
import { describeStores } from '../support/stores.ts';
import { testsAtOnce } from '../support/tests-at-once.ts';
import { buildWorker } from '../support/worker-process.ts';

const oneHourAhead = `${__dirname}/../fixtures/clock-one-hour-ahead.mjs`;

beforeAll(buildWorker, 120_000);

describeStores('a lease', (start) => {
  const it = testsAtOnce(start);

  it('goes by the clock of the store, not by that of a process', async (server) => {
    await using scene = await Scene.open(server);
    const ahead = await scene.startWorker({ preload: [oneHourAhead] });
    await scene.store({ n: 1, ms: 13_000 });
    const first = await scene.until('start', 1);
    // Its clock is an hour ahead indeed.
    expect(first.at - Date.now()).toBeGreaterThan(3_000_000);
    const other = await scene.startWorker();
    await scene.store({ n: 2, ms: 13_000 });
    const ends = [await scene.until('end', 1), await scene.until('end', 2)];
    expect(ends[0]?.pid).toBe(ahead.pid);
    expect([ahead.pid, other.pid]).toContain(ends[1]?.pid);
    expect(scene.lines.filter(({ what }) => what === 'start')).toHaveLength(2);
  });

  it('of a process that blocks its event loop is lost: the job runs twice, and ends well', async (server) => {
    await using scene = await Scene.open(server);
    const blocked = await scene.startWorker();
    await scene.store({ n: 1, ms: 3_000, blocks: 28_000 });
    await scene.until('start', 1);
    const other = await scene.startWorker();
    const second = await scene.until('start', 1, blocked);
    expect([second.pid, second.attempt]).toEqual([other.pid, 2]);
    expect((await scene.until('end', 1)).pid).toBe(other.pid);
    // Both have gone on; nothing of the first is recorded.
    await scene.until('abort', 1);
    expect(scene.linesOf('abort', 1)).toMatchObject([{ pid: blocked.pid }]);
    await scene.untilEmpty();
  });
});
