import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

it('has a dashboard and alerts that ask for metrics that there are', async () => {
  const registry = collected();
  const asked = await Promise.all(
    ['grafana/outlive-jobs.json', 'alerts/outlive.yml'].map((file) =>
      readFile(join(__dirname, '..', file), 'utf8'),
    ),
  );
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  for (const [name] of asked.join('').matchAll(/\boutlive_[a-z_]+/g)) {
    expect(names).toContain(name.replace(/_bucket$/, ''));
  }
  const { panels, uid } = JSON.parse(asked[0] as string) as { panels: object[]; uid: string };
  expect({ count: panels.length > 5, uid }).toEqual({ count: true, uid: 'outlive-jobs' });
});
