import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DurableJobs, defineJob, openJobs, type OpenJobsOptions } from '@outlive/durable';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describePgBoss } from '../support/engines.ts';

const nobody = 65_534;

describePgBoss('the options of a PostgreSQL by its URL', () => {
  const job = defineJob('job', () => {});
  const opened: DurableJobs[] = [];
  let server: PostgresServer;
  let folder: string;
  let ca: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'outlive-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', key, '-out', certificate, '-days', '2'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    execFileSync('openssl', ['req', '-x509', '-nodes', ...kind, ...files, ...subject], {
      stdio: 'ignore',
    });
    ca = certificate;
    chmodSync(folder, 0o755);
    chmodSync(key, 0o600);
    if (process.getuid?.() === 0) chownSync(key, nobody, nobody);
    server = await PostgresServer.start();
    await server.restart('ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`);
  }, 120_000);

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (jobs) => jobs.close()));
  });

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function open(options: Partial<OpenJobsOptions>): Promise<DurableJobs> {
    const jobs = await openJobs({ jobs: [job], work: false, exceptionHandler() {}, ...options });
    opened.push(jobs);
    return jobs;
  }

  it('lets two applications have their own jobs in one database: schema', async () => {
    const [one, other] = await Promise.all(
      ['shop', 'blog'].map(async (schema) => open({ store: server.url, schema, poolSize: 2 })),
    );
    await one?.enqueue(job, {});
    expect((await one?.depth())?.['job']?.ready).toBe(1);
    expect((await other?.depth())?.['job']?.ready).toBe(0);
  });

  it('takes a word of SQL for a schema, in which jobs are found by their notifications too', async () => {
    const jobs = await open({ store: server.url, schema: 'order', work: true });
    await jobs.enqueue(job, {}, { key: 'a', window: 60_000 });
    const id = String(await jobs.enqueue(job, {}, { key: 'a', replace: true }));
    await jobs.wait(id);
    expect((await jobs.list({ name: 'job' })).jobs).toHaveLength(2);
  });

  it('leaves the tables to another step of the deployment: migrate', async () => {
    const options = { store: server.url, schema: 'later' };
    await expect(open({ ...options, migrate: false })).rejects.toMatchObject(
      refusal('no tables of jobs in its schema later: open it once with `migrate: true`'),
    );
    const jobs = await open(options);
    await open({ ...options, migrate: false });
    await jobs.transaction(async (tx) => tx.query('update later.version set version = 1'));
    await expect(open({ ...options, migrate: false })).rejects.toMatchObject(
      refusal('the tables in its schema later are of another version of pg-boss'),
    );
  });

  it('encrypts by ssl, and by sslmode in the URL', async () => {
    const store = server.url.replace('127.0.0.1', 'localhost');
    await open({ store, ssl: { ca: readFileSync(ca, 'utf8') } });
    await open({ store: `${store}?sslmode=verify-full&sslrootcert=${ca}` });
    await open({ store: `${store}?sslmode=no-verify` });
    const used = await usesTls(await open({ store, ssl: { rejectUnauthorized: false } }));
    expect(used).toBe(true);
    for (const query of ['', '?sslmode=disable', '?ssl=0', '?ssl=false', '?a=b&ssl=false']) {
      expect(await usesTls(await open({ store: store + query }))).toBe(false);
    }
    await expect(open({ store: `${store}?sslmode=require` })).rejects.toThrow(/self-signed/);
    // A certificate of nobody that Node trusts.
    await expect(open({ store, ssl: true })).rejects.toThrow(/self-signed certificate/);
  });
});

function refusal(message: string): object {
  return { code: 'ERR_JOB_STORE', message: expect.stringContaining(message) };
}

async function usesTls(jobs: DurableJobs): Promise<boolean> {
  return jobs.transaction(async (tx) => {
    const { rows } = await tx.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0]?.['ssl'] === true;
  });
}
