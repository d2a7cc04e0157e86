import { jobsPlugin, logJobs, spawn } from '@outlive/fastify';
import { fastify } from 'fastify';
import { fastify as fastify4 } from 'fastify4';

it.each([
  ['5', fastify],
  ['4', fastify4 as unknown as typeof fastify],
])("a job's line has the id of the request that Fastify %s logs", async (_major, framework) => {
  const ids: unknown[] = [];
  const note = (_message: string, fields: { requestId?: unknown }) =>
    void ids.push(fields.requestId);
  const stop = logJobs({ debug: note, info: note, warn: note, error: note });
  const app = framework({ genReqId: () => 'order-17' });
  await app.register(jobsPlugin, {});
  app.get('/', async (request) => {
    const job = await spawn(request, () => 42);
    return job.wait();
  });
  await app.inject('/');
  stop();
  await app.close();
  expect(ids).toEqual(['order-17']);
});
