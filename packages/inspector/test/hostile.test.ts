import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { jobsListener, Scheduler, spawn } from '@outlive/http';
import { inspector, type InspectorOptions } from '@outlive/inspector';
import { createServer } from 'node:http';
import { fetchFrom } from '@outlive/test-support/client';
import { deferred } from '@outlive/test-support/deferred';
import { closeServer, listen } from '@outlive/test-support/server';
import { shownLine, shownText } from '../src/live/shown-text.ts';
import { Stream } from './support/stream.ts';

/** What somebody might call a job, or send, to have it do more than be read. */
const hostile: readonly (readonly [kind: string, text: string, shown: RegExp])[] = [
  ['markup', '<img src=x onerror=alert(1)>', /^<img src=x onerror=alert\(1\)>/],
  ['a megabyte', 'x'.repeat(1_000_000), /^x{100,2000}… \(cut: 1,000,000 characters\)$/],
  ['control characters', 'a\u0000b\u001b[2Jc\u007f', /a\\u0000b\\u001b\[2Jc\\u007f/],
  ['a right-to-left override', 'evil\u202egnp.exe', /evil\\u202egnp\.exe/],
  ['what ends an event', 'a\n\nevent: hello\ndata: {}\n\n', /^a(\\n|\n)/],
  ['half a pair of surrogates', 'a\ud800b', /a\\ud800b/],
];

async function opened(target: Scheduler | Scheduler[], options?: Partial<InspectorOptions>) {
  const page = inspector(target, { authorize: () => true, ...options });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  const stream = await Stream.open({ port });
  return {
    stream,
    [Symbol.asyncDispose]: async () => {
      stream[Symbol.dispose]();
      await closeServer(server);
    },
  };
}

/** Less than durable jobs refuse. */
function storable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- PostgreSQL has no place for it
  return text.slice(0, 900_000).replaceAll(/\p{Surrogate}|\u0000/gu, '');
}

describe.each(hostile)('%s', (_kind, text, shown) => {
  it('as the name of a job is text, of a bearable length', async () => {
    const scheduler = new Scheduler();
    const work = deferred();
    await scheduler.spawn(() => work.promise, { name: text });
    await using page = await opened(scheduler);
    const [row] = page.stream.last.table?.rows ?? [];
    expect(row?.name).toMatch(shown);
    expect(row?.name.length).toBeLessThan(300);
    work.resolve();
  });

  it('as an error is text, of a bearable length', async () => {
    const scheduler = new Scheduler({ exceptionHandler: () => undefined });
    await using page = await opened(scheduler);
    const error = new Error(text);
    error.name = text;
    await scheduler.spawn(() => Promise.reject(error), { name: 'fails' });
    await page.stream.has(() => (page.stream.last.failures?.[0]?.length ?? 0) > 0);
    const failure = page.stream.last.failures?.[0]?.[0];
    expect(failure?.error.name).toMatch(shown);
    expect(failure?.error.message).toMatch(shown);
    expect(failure?.error.stack?.length).toBeLessThan(10_000);
  });

  it('as a payload is text, of a bearable length', async () => {
    const job = defineJob(
      'fails',
      (_payload: { text: string }) => Promise.reject(new Error('no')),
      {
        retries: 0,
      },
    );
    await using jobs = await openJobs({
      jobs: [job],
      backend: memoryBackend(),
      exceptionHandler: () => undefined,
    });
    await jobs.enqueue(job, { text: storable(text) });
    await using page = await opened(jobs, { payloads: true });
    await page.stream.has(() => (page.stream.last.stores?.[0]?.failed?.length ?? 0) > 0);
    const [failed] = page.stream.last.stores?.[0]?.failed ?? [];
    expect(failed?.payload).toContain('"text":');
    // oxlint-disable-next-line no-control-regex -- what it is about
    expect(failed?.payload).not.toMatch(/[\u0000-\u0008\u202e]/);
    expect(failed?.payload?.length).toBeLessThan(5_000);
  });
});

it('the URL of a request is text, of a bearable length', async () => {
  const work = deferred();
  const app = jobsListener(async (req, res) => {
    await spawn(req, () => work.promise);
    res.end();
  });
  const server = createServer(app);
  const port = await listen(server);
  const path = `/<script>alert(1)</script>?${'y'.repeat(10_000)}`;
  await fetchFrom({ port }, path);
  await using page = await opened(app.scheduler);
  const request = page.stream.last.table?.rows[0]?.request;
  expect(request).toMatch(
    /^GET \/<script>alert\(1\)<\/script>\?y{200,300}… \(cut: 10,\d+ characters\)$/,
  );
  work.resolve();
  await closeServer(server);
});

it('the title of the page is text', async () => {
  const page = inspector(new Scheduler(), { readOnly: true, title: '</title><script src=x>&' });
  const server = createServer((req, res) => page(req, res));
  const { body } = await fetchFrom({ port: await listen(server) }, '/');
  expect(body).toContain('<title>&lt;/title&gt;&lt;script src=x&gt;&amp;</title>');
  await closeServer(server);
});

it.each([
  ['null', null],
  ['nothing', undefined],
  ['a text', 'no'],
  ['an object without a prototype', Object.create(null)],
  [
    'one whose getters throw',
    Object.defineProperty({}, 'message', {
      get: () => {
        throw new Error('no');
      },
    }),
  ],
  [
    'a proxy of nothing',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    ),
  ],
])('%s may be thrown', async (_kind, thrown) => {
  const scheduler = new Scheduler({ exceptionHandler: () => undefined });
  await using page = await opened(scheduler);
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what it is about
  await scheduler.spawn(() => Promise.reject(thrown), { name: 'fails' });
  await page.stream.has(() => page.stream.last.failures?.[0]?.length === 1);
  expect(page.stream.last.failures?.[0]?.[0]).toMatchObject({ name: 'fails', count: 1 });
});

it('a cut text ends with a whole character, and says how long it was', () => {
  expect(shownText('😀😀😀', 3)).toBe('😀… (cut: 6 characters)');
  expect(shownLine('a\tb\nc', 10)).toBe('a\\tb\\nc');
});
