import { workPerOne } from '../support/work.ts';

/** What one job may cost more among ten times as many: the logarithm of the keys that wait grows. */
const growth = 1.5;
const counts = [300, 3_000];

async function growthOf(options: object, each: string): Promise<number> {
  const [few = 0, many = Infinity] = await workPerOne(
    `async function run(count) {
      const scheduler = new Scheduler(${JSON.stringify({ limit: 10, ...options })});
      const group = scheduler.group({ limit: 3 });
      for (let index = 0; index < count; index += 1) ${each};
      await scheduler.drain();
    }`,
    counts,
  );
  return many / few;
}

describe('a job costs the same among many', () => {
  it('pending with keys', async () => {
    const spawn = "scheduler.spawnNow(async () => {}, { key: 'key ' + (index % (count / 10)) })";
    expect(await growthOf({ perKey: 2 }, spawn)).toBeLessThan(growth);
  });

  it('pending with keys that take turns', async () => {
    const spawn =
      "scheduler.spawnNow(async () => {}, { key: 'key ' + (index % (count / 10)), priority: index % 2 })";
    expect(await growthOf({ perKey: 2, fair: true }, spawn)).toBeLessThan(growth);
  });

  it('that wait for their next attempt', async () => {
    const fn = '({ attempt }) => { if (attempt === 1) throw new Error("not yet"); }';
    expect(await growthOf({}, `scheduler.spawnNow(${fn}, { retry: 1 })`)).toBeLessThan(growth);
  });

  it('of one group, in back-off and waiting for its places', async () => {
    const fn = '({ attempt }) => { if (attempt === 1) throw new Error("not yet"); }';
    const spawn = `group.spawnNow(${fn}, { retry: 1 })`;
    expect(await growthOf({ perKey: 2 }, spawn)).toBeLessThan(growth);
  });
});
