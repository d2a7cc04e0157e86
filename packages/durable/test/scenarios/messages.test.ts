import { inspect } from 'node:util';
import { defineJob, openJobs } from '@outlive/durable';
import { freePort } from '@outlive/test-support/free-port';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { describePgBoss } from '../support/engines.ts';
import { describeStores, type Server } from '../support/stores.ts';

const job = defineJob('job', () => {});
const secret = 'hunter2';

/** All that somebody may print of an error. */
async function printedBy(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    () => Promise.reject(new Error('It did not fail')),
    (error: unknown) => inspect(error, { depth: 10, showHidden: true }),
  );
}

describeStores(
  'what goes wrong with a store is said with its name and without its password',
  (start) => {
    let server: Server;
    let kind: string;

    beforeAll(async () => {
      server = await start();
      kind = server.url.split(':')[0] ?? '';
    }, 120_000);

    afterAll(async () => server.stop());

    it('that does not listen', async () => {
      const port = await freePort();
      const printed = await printedBy(
        openJobs({ jobs: [job], store: `${kind}://u:${secret}@127.0.0.1:${port}/0` }),
      );
      const place = `${kind}://127.0.0.1:${port}/0`;
      expect(printed).toContain(
        `${place} cannot be opened: connect ECONNREFUSED 127.0.0.1:${port}`,
      );
      expect(printed).not.toContain(secret);
    });

    it('that stops while a job is stored', async () => {
      await using jobs = await openJobs({
        jobs: [job],
        store: server.url,
        work: false,
        exceptionHandler: () => {},
      });
      await server.stop();
      const printed = await printedBy(jobs.enqueue(job, { card: secret }));
      const place = server.url.replace(/[^/]*@/, '');
      expect(printed).toContain(`JobNotStoredError: The job job could not be stored in ${place}: `);
      expect(printed).not.toContain(secret);
      await expect(jobs.depth()).rejects.toMatchObject({
        code: 'ERR_JOB_STORE',
        message: expect.stringContaining(`${place} does not answer: `),
      });
    }, 120_000);
  },
);

describeStores('the password of a store', (start) => {
  it('is in no message and no property of an error where it is the wrong one', async () => {
    const server = await start();
    const isRedis = server.url.startsWith('redis:');
    const guarded = isRedis ? await RedisServer.start('--requirepass', 'another') : server;
    try {
      const url = isRedis
        ? guarded.url.replace('://', `://default:${secret}@`)
        : guarded.url.replace('://postgres@', `://nobody:${secret}@`);
      const printed = await printedBy(openJobs({ jobs: [job], store: url }));
      expect(printed).toContain('cannot be opened: ');
      expect(printed).not.toContain(secret);
    } finally {
      await server.stop();
      if (isRedis) await guarded.stop();
    }
  }, 120_000);
});

describeRedis('a database that Redis does not have', () => {
  it('is refused, where ioredis would go on with another one', async () => {
    const server = await RedisServer.start();
    const opening = openJobs({ jobs: [job], store: `${server.url}/99` });
    await expect(opening).rejects.toThrow(/\/99 cannot be opened: ERR DB index is out of range/);
    await server.stop();
  });
});

describePgBoss('a directory that cannot be one', () => {
  it('is named', async () => {
    const opening = openJobs({ jobs: [job], store: '/dev/null/jobs' });
    await expect(opening).rejects.toThrow('PGlite in /dev/null/jobs cannot be opened: ENOTDIR');
  });
});
