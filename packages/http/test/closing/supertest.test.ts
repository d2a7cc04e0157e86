import { createServer } from 'node:http';
import supertest from 'supertest';
import { jobsListener, type Scheduler } from '@outlive/http';
import { settled } from '@outlive/test-support/conditions';
import { watched } from '@outlive/test-support/watched';
import { HeldWork } from '../support/held-work.ts';
import { route, serveJobs } from '../support/serve-jobs.ts';

const schedulers: Scheduler[] = [];

function app(work: HeldWork, options?: { drainOnClose: boolean }) {
  const listener = jobsListener(route(work.routes), options);
  schedulers.push(listener.scheduler);
  return listener;
}

afterEach(async () => {
  await Promise.all(schedulers.splice(0).map(async (scheduler) => scheduler.close()));
});

describe('under supertest', () => {
  it('the answer of an app is seen when the jobs that it spawned have settled', async () => {
    const work = new HeldWork();
    const answer = watched(Promise.resolve(supertest(app(work)).get('/job')));
    await work.entered.promise;
    await settled();
    expect(answer.over).toBe(false);
    work.release();
    expect((await answer.promise).text).toBe('spawned');
    expect(work.done).toEqual(['job']);
  });

  it('the answer of an app with `drainOnClose: false` is seen at once', async () => {
    const work = new HeldWork();
    const listener = app(work, { drainOnClose: false });
    expect((await supertest(listener).get('/job')).text).toBe('spawned');
    expect(work.done).toEqual([]);
    work.release();
    await listener.scheduler.idle();
  });

  it('the answer of a server that listens is seen at once', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    expect((await supertest(serving.server).get('/job')).text).toBe('spawned');
    expect(work.done).toEqual([]);
    work.release();
    await serving.scheduler.idle();
  });

  it('an app answers one request after the other', async () => {
    const work = new HeldWork();
    work.release();
    const listener = app(work);
    for (let count = 0; count < 3; count += 1) {
      expect((await supertest(listener).get('/job')).text).toBe('spawned');
    }
    expect(work.done).toEqual(['job', 'job', 'job']);
    expect(listener.scheduler.closed).toBe(false);
  });

  it('an agent, whose one server listens for each request, does so too', async () => {
    const work = new HeldWork();
    work.release();
    const agent = supertest.agent(createServer(app(work)));
    for (let count = 0; count < 3; count += 1) {
      expect((await agent.get('/job')).text).toBe('spawned');
    }
    expect(work.done).toEqual(['job', 'job', 'job']);
  });

  it('several requests of one app at once are answered, each held by its own jobs', async () => {
    const work = new HeldWork();
    const listener = app(work);
    const held = watched(Promise.resolve(supertest(listener).get('/job')));
    await work.entered.promise;
    expect((await supertest(listener).get('/quick')).text).toBe('quick');
    expect(held.over).toBe(false);
    work.release();
    expect((await held.promise).text).toBe('spawned');
  });
});
