import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { defineJob, openJobs } from '@outlive/durable';

// A server with durable jobs in a directory, on a disk that it is asked to fill.

const [, , directory = ''] = process.argv;
const filler = join(directory, 'filler');
const block = Buffer.alloc(1_024 * 1_024, 1);
const reported: string[] = [];
/** When the job that is being stored was handed over, in ms of the monotonic clock. */
let askedAt = Infinity;
const delay = monitorEventLoopDelay({ resolution: 10 });

const job = defineJob('keep', ({ n }: { n: number; text: string }) => n);

/** Leaves some MB, or what is given. */
function fill(left: number): void {
  const file = openSync(filler, 'w');
  for (;;) {
    const { bavail, bsize } = statfsSync(directory);
    if (bavail * bsize <= left) break;
    writeSync(file, block, 0, Math.min(block.length, bavail * bsize - left));
  }
  closeSync(file);
}

const opening = openJobs({
  jobs: [job],
  store: join(directory, 'store'),
  exceptionHandler: ({ message, exception }) =>
    void reported.push(`${message}: ${String(exception)}`),
});

const answers: Record<string, (jobs: Awaited<typeof opening>, query: URLSearchParams) => unknown> =
  {
    '/ping': () => 'pong',
    '/fill': (_, query) => fill(Number(query.get('left'))),
    '/free': () => rmSync(filler),
    '/reported': () => reported,
    '/longest-turn': () => Math.round(delay.max / 1e6),
    '/enqueue': async (jobs, query) => {
      askedAt = performance.now();
      const text = randomBytes(40_000).toString('hex');
      return jobs.enqueue(job, { n: Number(query.get('n')), text }).finally(() => {
        askedAt = Infinity;
      });
    },
    '/waits': () => performance.now() - askedAt > 1_500,
    '/state': async (jobs, query) => (await jobs.get(String(query.get('id'))))?.state ?? 'missing',
  };

const server = createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://localhost');
  void opening
    .then(async (jobs) => answers[pathname]?.(jobs, searchParams))
    .then(
      (value) => res.end(JSON.stringify(value ?? null)),
      (error: unknown) => res.writeHead(503).end(JSON.stringify(String(error))),
    );
});

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void opening.then(async (jobs) => jobs.waitAndClose({ timeout: 1_000 }));
});

void opening.then(() => {
  delay.enable();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    console.log(typeof address === 'object' ? address?.port : '');
  });
});
