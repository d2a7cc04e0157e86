import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, openJobs } from '@outlive/durable';
import { describePgBoss } from './support/engines.ts';
import { describeStores, type Server } from './support/stores.ts';

const program = join(__dirname, '../dist/cli/main.js');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

async function saysWhatIsWrong(line: string, expected: number, message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await run(line.split(' '));
  expect([code, stdout]).toEqual([expected, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('secret');
}

describe('outlive-durable', () => {
  it('shows its help', async () => {
    const { code, stdout } = await run([]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('outlive-durable jobs COMMAND')]);
  });

  it.each<[string, number, RegExp]>([
    ['jobs lst', 2, /Unknown command `lst`\. Did you mean `list`\?/],
    ['job list', 2, /Expected `jobs`, got `job`/],
    ['jobs list', 2, /--store, or OUTLIVE_STORE/],
    ['jobs list --stat failed', 2, /Unknown option `--stat`\. Did you mean `--state`\?/],
    ['jobs list --state', 2, /--state/],
    ['jobs depth --limit 3 --store x', 2, /`jobs depth` takes no --limit/],
    ['jobs cancel --store x', 2, /Give `jobs cancel` the ids of jobs/],
    ['jobs retry 7 --name a --store x', 2, /not both/],
    ['jobs list --store mysql://root:secret@db', 2, /begins with mysql:/],
    ['jobs list --store .no-such-directory', 2, /no store of jobs in the directory/],
    ['jobs list --store redis://me:secret@127.0.0.1:1/0', 3, /127\.0\.0\.1:1\/0 cannot be opened/],
  ])('says what is wrong, without the password: %s', saysWhatIsWrong);
});

describePgBoss('outlive-durable with PostgreSQL', () => {
  it('says what is wrong, without the password', async () => {
    const line = 'jobs list --store postgres://me:secret@127.0.0.1:1/shop';
    await saysWhatIsWrong(line, 3, /127\.0\.0\.1:1\/shop cannot be opened/);
  });
});

it('outlive-durable ends well when nobody reads on', async () => {
  const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed += String(chunk)));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(printed).toBe('');
});

describeStores('outlive-durable', (start) => {
  let server: Server;

  beforeAll(async () => {
    server = await start();
  }, 120_000);

  afterAll(async () => server.stop());

  it('does to a store what operators do, without the definitions of the application', async () => {
    const job = defineJob(
      'ship',
      () => {
        throw new TypeError('no\u001B[31m stock');
      },
      { retries: 0 },
    );
    const jobs = await openJobs({ jobs: [job], store: server.url, exceptionHandler: () => {} });
    const failed = String(await jobs.enqueue(job, { order: 7 }));
    await jobs.wait(failed).catch(() => undefined);
    const delayed = String(await jobs.enqueue(job, {}, { delay: 3_600_000 }));
    await jobs.close();
    const env = { OUTLIVE_STORE: server.url };
    const list = await run(['jobs', 'list'], env);
    expect(list.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['id', 'name', 'state', 'attempt', 'created', 'error'],
      [delayed, 'ship', 'delayed', '0', expect.any(String)],
      [failed, 'ship', 'failed', '1', expect.any(String), 'TypeError: no [31m stock'],
      [''],
    ]);
    const page = await run(['jobs', 'list', '--state', 'failed', '--limit', '1', '--json'], env);
    expect(JSON.parse(page.stdout)).toMatchObject({
      jobs: [{ id: failed, payload: { order: 7 } }],
    });
    expect((await run(['jobs', 'depth', '--json', '--store', server.url])).stdout).toContain(
      '"failed": 1',
    );
    const cancelled = await run(['jobs', 'cancel', delayed, failed], env);
    expect([cancelled.code, cancelled.stdout.split('\n')]).toEqual([
      1,
      [`${delayed}: cancelled, or being cancelled`, expect.stringContaining('no such job'), ''],
    ]);
    expect(await run(['jobs', 'retry', '--name', 'ship'], env)).toMatchObject({
      code: 0,
      stdout: '1 job retried\n',
    });
    expect(await run(['jobs', 'pause', 'ship'], env)).toMatchObject({
      code: 0,
      stdout: 'ship: paused\n',
    });
    const depth = await run(['jobs', 'depth'], env);
    expect(depth.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['name', 'ready', 'active', 'failed', 'paused'],
      ['ship', '1', '0', '0', 'yes'],
      [''],
    ]);
    expect(await run(['jobs', 'pause', 'unheard-of'], env)).toMatchObject({ code: 0 });
    expect(JSON.parse((await run(['jobs', 'depth', '--json'], env)).stdout)).toEqual({
      ship: { ready: 1, active: 0, failed: 0, paused: true },
      'unheard-of': { ready: 0, active: 0, failed: 0, paused: true },
    });
    expect(await run(['jobs', 'discard', failed, delayed], env)).toMatchObject({ code: 0 });
    // What it prints is JSON, or nothing.
    expect(await run(['jobs', 'get', failed, '--json'], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `${failed}: there is no such job\n`,
    });
  }, 120_000);
});

it('outlive-durable leaves a directory that is no store as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outlive-cli-'));
  const { code } = await run(['jobs', 'list', '--store', folder]);
  expect([code, await readdir(folder)]).toEqual([2, []]);
  await rm(folder, { recursive: true });
});
