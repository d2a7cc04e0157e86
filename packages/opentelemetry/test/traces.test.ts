import { SpanKind } from '@opentelemetry/api';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

interface Shown {
  readonly name: string;
  readonly id: string;
  readonly kind: number;
  readonly trace: string;
  readonly parent?: string;
  readonly links: string[];
  readonly attributes: Record<string, unknown>;
  readonly exceptions: number;
  readonly status: number;
}

interface Seen {
  readonly spans: Shown[];
  readonly metrics: {
    readonly name: string;
    readonly unit: string;
    readonly points: { attributes: object; value: number }[];
  }[];
}

// The SDK of OpenTelemetry takes long to load, on a busy machine very long.
jest.setTimeout(120_000);

const fixtures = join(__dirname, 'fixtures');

const esm = ['--import', './telemetry.mjs'];
const loader = '--experimental-loader=@opentelemetry/instrumentation/hook.mjs';

/** A process that starts as OpenTelemetry's documentation says, and serves one request. */
async function seen(
  relation: 'link' | 'child',
  app = 'app.mjs',
  flags: readonly string[] = esm,
  env: Record<string, string> = {},
): Promise<Seen> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, app], {
    cwd: fixtures,
    env: { ...process.env, RELATION: relation, NODE_OPTIONS: '', ...env },
  });
  return JSON.parse(stdout) as Seen;
}

const named = (spans: Shown[], name: string): Shown[] => spans.filter((span) => span.name === name);
const one = (spans: Shown[], name: string): Shown => named(spans, name)[0] as Shown;

describe('with the SDK of OpenTelemetry, and its instrumentations of http and undici', () => {
  it('jobs have traces that link to their request; what they call is part of them', async () => {
    const { spans, metrics } = await seen('link');
    const atomic = one(spans, 'atomic order');
    const server = spans.find(({ id }) => id === atomic.parent);
    expect(server?.attributes['url.path']).toBe('/orders');
    expect(atomic).toMatchObject({ trace: server?.trace, links: [] });

    const mail = one(spans, 'job mail');
    expect(mail).toMatchObject({ links: [atomic.id], exceptions: 0, status: 0 });
    expect(mail.parent).toBeUndefined();
    expect(mail.trace).not.toBe(atomic.trace);
    const called = spans.filter(({ parent }) => parent === mail.id || parent === atomic.id);
    expect(called.map(({ trace }) => trace).toSorted()).toEqual(
      [mail.trace, atomic.trace].toSorted(),
    );

    expect(one(spans, 'job warm').links).toEqual([atomic.id]);
    const prints = named(spans, 'job print');
    expect(prints.map(({ attributes }) => attributes['outlive.job.outcome'])).toEqual([
      'retried',
      'failed',
    ]);
    expect(prints).toMatchObject([
      { exceptions: 1, status: 2, links: [atomic.id] },
      { exceptions: 1, status: 2, links: [atomic.id] },
    ]);
    expect(prints.map(({ attributes }) => attributes['error.type'])).toEqual([
      'TypeError',
      'TypeError',
    ]);

    const values = metrics.map(({ name, points }) => [name, points.map(({ value }) => value)]);
    expect(Object.fromEntries(values)).toEqual({
      'outlive.jobs.active': [0],
      'outlive.jobs.pending': [0],
      'outlive.jobs.wait.duration': [5],
      'outlive.jobs.run.duration': [5],
      'outlive.jobs.completed': [3],
      'outlive.jobs.failed': [1],
    });
    const attributes = metrics.flatMap(({ points }) => points.map((point) => point.attributes));
    expect(attributes).toEqual(metrics.map(() => ({ 'outlive.scheduler.name': 'shop' })));
  });

  it.each([
    ['an app in CommonJS, by --require', 'app.cjs', ['--require', './telemetry.cjs']],
    [
      'an app of ES modules, by --import and the loader',
      'app.mjs',
      [loader, '--import', './telemetry.cjs'],
    ],
    [
      'an app of ES modules, by --require and the loader',
      'app.mjs',
      [loader, '--require', './telemetry.cjs'],
    ],
  ])('%s, is traced and counted alike', async (_how, app, flags) => {
    const { spans, metrics } = await seen('link', app, flags);
    const atomic = one(spans, 'atomic order');
    const server = spans.find(({ id }) => id === atomic.parent);
    expect(server).toMatchObject({ kind: SpanKind.SERVER, trace: atomic.trace });
    const mail = one(spans, 'job mail');
    expect(mail).toMatchObject({ kind: SpanKind.INTERNAL, links: [atomic.id] });
    const clients = spans.filter(({ attributes }) => attributes['url.path'] === '/backend');
    expect(clients.map(({ parent }) => parent)).toEqual(
      expect.arrayContaining([mail.id, atomic.id]),
    );
    const completed = metrics.find(({ name }) => name === 'outlive.jobs.completed');
    expect(completed?.points).toMatchObject([{ value: 3 }]);
  });

  it('a span of another copy of the API is linked to', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'outlive-api-'));
    const main = require.resolve('@opentelemetry/api');
    await cp(join(dirname(main), '..'), copy, { recursive: true });
    const { spans } = await seen('link', 'other-api.cjs', ['--require', './telemetry.cjs'], {
      API_COPY: copy,
    });
    await rm(copy, { recursive: true });
    expect(one(spans, 'job mail').links).toEqual([one(spans, 'of the other copy').id]);
    expect(one(spans, 'inside')).toMatchObject({ parent: one(spans, 'job mail').id });
  });

  it("relation: 'child' makes jobs children of what spawned them", async () => {
    const { spans } = await seen('child');
    const atomic = one(spans, 'atomic order');
    expect(one(spans, 'job mail')).toMatchObject({
      parent: atomic.id,
      trace: atomic.trace,
      links: [],
    });
  });

  it('the run of a stored job links to where it was stored, whose trace came through the store', async () => {
    const { spans } = await seen('link', 'stored.mjs');
    const request = one(spans, 'request');
    const send = one(spans, 'send receipt');
    const run = one(spans, 'process receipt');
    expect(send).toMatchObject({ kind: SpanKind.PRODUCER, parent: request.id });
    expect(send.attributes).toMatchObject({
      'messaging.system': 'outlive',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'receipt',
    });
    expect(run).toMatchObject({ kind: SpanKind.CONSUMER, links: [send.id] });
    expect(run.trace).not.toBe(send.trace);
    expect(run.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'receipt',
      'outlive.job.attempt': 1,
    });
  });

  it('the run of a stored job is a child of where it was stored, if asked for', async () => {
    const { spans } = await seen('child', 'stored.mjs');
    const send = one(spans, 'send receipt');
    expect(one(spans, 'process receipt')).toMatchObject({
      parent: send.id,
      trace: send.trace,
      links: [],
    });
  });
});
