import { setTimeout as sleep } from 'node:timers/promises';
import { type CrashPoint, crashPoints } from '../support/endurance/crash.ts';
import { buildFleet, Fleet } from '../support/endurance/fleet.ts';
import { Producer } from '../support/endurance/producer.ts';
import type { Verdict } from '../support/endurance/verdict.ts';
import type { Version } from '../support/endurance/versions.ts';
import { describePgBoss } from '../support/engines.ts';
import { describeStores } from '../support/stores.ts';

/** So many tasks at least: `npm run test:endurance` asks for 20,000. Without, as many as one round of all events takes. */
const least = Number(process.env['OUTLIVE_ENDURANCE'] ?? 0);
/** Tasks a second. */
const rate = least > 0 ? 80 : 40;
const processes = 4;
/** On PGlite there is one process of the four, which stores no more than it can run. */
const alone = { least: least / processes, rate: least > 0 ? 15 : rate };
/** A task whose number is a multiple of it stores another one. */
const followUps = 10;
const none = { ready: 0, active: 0, failed: 0 };
/** Time in ms in which a task ends, if none is lost. */
const patience = 90_000;
/** In ms. Leases of killed processes have to run out. */
const timeout = 240_000 + 60 * least;

beforeAll(buildFleet, 120_000);

describeStores('4 processes, tasks and schedules', (start) => {
  it(
    'lose nothing, and run nothing twice but what a killed process had, or a store that was down for as long as a lease: kill -9, crashes at every point, restarts of the store, deploys that change names, leases, limits and schedules',
    async () => {
      const server = await start();
      await using fleet = await Fleet.open(server.url);
      for (let index = 0; index < processes; index += 1) await fleet.start(1);
      await using producer = await Producer.open(server.url);
      const producing = producer.produce(rate);

      do {
        await fleet.replaceKilled();
        await crashAll(fleet, crashPoints.slice(0, 4));
        await fleet.outage(async () => server.restart());
        await fleet.deploy(2);
        producer.version = 2;
        await crashAll(fleet, crashPoints.slice(4));
        await Promise.all([fleet.deploy(3, processes / 2), fleet.deploy(2, processes / 2)]);
        await Promise.all([fleet.replaceKilled(), fleet.replaceKilled()]);
        await sleep(1_000);
      } while (producer.stored < least);
      producer.stop();
      await producing;
      const tasks = tasksUpTo(producer.stored);
      await untilEnded(fleet, tasks, 'end', async () => producer.isEmpty());
      const until = Date.now() - 10_000;
      await fleet.end();
      check(fleet.judge(tasks, until));
      expect(await producer.depth()).toMatchObject({
        import: none,
        load: none,
        tick: { failed: 0 },
      });
      await server.stop();
    },
    timeout,
  );
});

describePgBoss('one process on PGlite, tasks and schedules', () => {
  it(
    'loses nothing, and runs nothing twice but what it had when it was killed: crashes at every point, a deploy',
    async () => {
      await using fleet = await Fleet.open();
      const points = least > 0 ? crashPoints : crashPoints.filter((_, index) => index % 2 === 0);
      let version: Version = 1;
      do {
        for (const at of points) await fleet.crash({ at, time: timeOf(at) }, alone.rate);
        await fleet.start(version, alone.rate);
        await sleep(least > 0 ? 20_000 : 3_000);
        await fleet.end();
        version = 2;
      } while (fleet.log.jobs('stored').size < alone.least);
      await fleet.start(version);
      // The last one may be stored, and the log not know it.
      const tasks = tasksUpTo(fleet.log.jobs('stored').size);
      await untilEnded(fleet, tasks, 'settled', () => true);
      const until = Date.now() - 10_000;
      await fleet.end();
      check(fleet.judge(tasks, until));
    },
    timeout,
  );
});

/** In a process each. */
async function crashAll(fleet: Fleet, points: readonly CrashPoint[]): Promise<void> {
  await Promise.all(points.map(async (at) => fleet.crash({ at, time: timeOf(at) })));
}

/** Schedules come due once a second. */
function timeOf(point: CrashPoint): number {
  return point.endsWith('schedule') ? 2 : 10;
}

/** With those that they store. */
function tasksUpTo(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, n) => n);
  return [...numbers, ...numbers.filter((n) => n % followUps === 0).map((n) => n + 1_000_000)];
}

/** Until all have ended, and the store knows, or none has for a while: a busy machine takes its time. */
async function untilEnded(
  fleet: Fleet,
  tasks: readonly number[],
  what: 'end' | 'settled',
  isKnown: () => boolean | Promise<boolean>,
): Promise<void> {
  let fewest = Infinity;
  let since = performance.now();
  while (performance.now() - since < patience) {
    const ended = fleet.log.jobs(what);
    const left = tasks.filter((n) => !ended.has(`task ${n}`)).length;
    if (left === 0 && (await isKnown())) return;
    if (left < fewest) {
      fewest = left;
      since = performance.now();
    }
    await sleep(250);
  }
}

function check({ faults, counts }: Verdict): void {
  const lines = Object.entries(counts).map(
    ([what, value]) => `${String(value).padStart(8)} ${what}`,
  );
  const report = [expect.getState().currentTestName?.split(':')[0], ...lines, ''].join('\n');
  process.stderr.write(report);
  expect(faults.slice(0, 20)).toEqual([]);
}
