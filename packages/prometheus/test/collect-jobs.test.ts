import { Scheduler } from '@outlive/core';
import { type CollectJobsOptions, collectJobs, MetricsRegisteredError } from '@outlive/prometheus';
import { Registry } from 'prom-client';

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function collected(options?: CollectJobsOptions): Registry {
  const registry = new Registry();
  stops.push(collectJobs({ registry, ...options }));
  return registry;
}

it('counts what becomes of jobs, by the names of their schedulers', async () => {
  const registry = collected();
  const mail = new Scheduler({ name: 'mail', limit: 1, exceptionHandler: () => undefined });
  const api = new Scheduler({ name: 'api', limit: 1, pendingLimit: 0 });
  await mail.spawn(() => 1);
  await mail.spawn(() => Promise.reject(new Error('no')), { retry: { retries: 1, delay: 0 } });
  await mail.idle();
  const hung = await api.spawn(
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
  );
  expect(() => api.spawnNow(() => 2)).toThrow(/No room/);
  const text = await registry.metrics();
  for (const line of [
    'outlive_jobs_spawned_total{scheduler="mail"} 2',
    'outlive_jobs_completed_total{scheduler="mail"} 1',
    'outlive_jobs_failed_total{scheduler="mail"} 1',
    'outlive_jobs_retried_total{scheduler="mail"} 1',
    'outlive_jobs_refused_total{scheduler="api",reason="pending_limit"} 1',
    'outlive_jobs_active{scheduler="api"} 1',
    'outlive_jobs_limit{scheduler="api"} 1',
    'outlive_jobs_pending{scheduler="mail"} 0',
    'outlive_job_run_seconds_count{scheduler="mail"} 3',
    'outlive_job_wait_seconds_count{scheduler="mail"} 3',
  ]) {
    expect(text).toContain(line);
  }
  await hung.close();
  expect(await registry.metrics()).toContain('outlive_jobs_active{scheduler="api"} 0');
});

it('collects of named schedulers from the start, and of no other', async () => {
  const scheduler = new Scheduler({ name: 'mail' });
  const registry = collected({ schedulers: [scheduler], jobNames: true });
  await new Scheduler({ name: 'other' }).spawn(() => 1);
  expect(await registry.metrics()).toContain('outlive_jobs_active{scheduler="mail"} 0');
  await scheduler.spawn(() => 1, { name: 'receipt' });
  const text = await registry.metrics();
  expect(text).toContain('outlive_jobs_completed_total{scheduler="mail",job="receipt"} 1');
  expect(text).not.toContain('"other"');
});

it('sums schedulers of one name, and has the oldest job of both', async () => {
  const registry = collected();
  const schedulers = [1, 2].map(() => new Scheduler({ name: 'twin', limit: 3 }));
  for (const scheduler of schedulers) {
    await scheduler.spawn(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // By itself, as a handler of one metric may ask for it.
  const single = async (name: string): Promise<number> =>
    Number((await registry.getSingleMetricAsString(name)).split(' ').at(-1));
  expect(await single('outlive_jobs_active')).toBe(2);
  expect(await single('outlive_jobs_limit')).toBe(6);
  expect(await single('outlive_jobs_oldest_active_seconds')).toBeGreaterThanOrEqual(0.035);
  await Promise.all(schedulers.map(async (scheduler) => scheduler.close()));
});

it.each<[what: string, end: (registry: Registry, stop: () => void) => void]>([
  ['was cleared', (registry) => registry.clear()],
  ['is not collected for any more', (_registry, stop) => stop()],
])('collects again in a registry that %s, and counts once', async (_what, end) => {
  const registry = new Registry();
  const first = collectJobs({ registry });
  await new Scheduler({ name: 'mail' }).spawn(() => 1);
  end(registry, first);
  const stop = collectJobs({ registry, jobNames: true });
  await new Scheduler({ name: 'mail' }).spawn(() => 1, { name: 'receipt' });
  expect(await registry.metrics()).toContain(
    'outlive_jobs_completed_total{scheduler="mail",job="receipt"} 1\n',
  );
  stop();
  stop();
});

it('refuses a registry that has the metrics, by a named error', () => {
  const registry = collected();
  expect(() => collectJobs({ registry })).toThrow(MetricsRegisteredError);
});

it.each([
  [{ registry: {} }, /registry/],
  [{ schedulers: [{}] }, /schedulers/],
  [{ jobNames: 1 }, /jobNames/],
  [{ scheduler: [] }, /Did you mean `schedulers`/],
])('refuses %j', (options, message) => {
  expect(() => collectJobs({ registry: new Registry(), ...options } as never)).toThrow(message);
});
