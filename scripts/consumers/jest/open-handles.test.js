// Run with --detectOpenHandles: what is left open here is printed, and fails the check.
const { createServer } = require('node:http');
const core = require('@outlive/core');
const durable = require('@outlive/durable');
const express = require('@outlive/express');
const fastify = require('@outlive/fastify');
const http = require('@outlive/http');
const koa = require('@outlive/koa');

// On a busy machine, with hooks on every handle.
jest.setTimeout(60_000);

test('importing the packages and making a scheduler leaves nothing open', () => {
  for (const { Scheduler } of [core, http, express, koa, fastify, durable]) {
    expect(Scheduler ?? core.Scheduler).toBe(core.Scheduler);
  }
  expect(new core.Scheduler().size).toBe(0);
});

test('jobs that complete, fail, wait and are cancelled leave nothing open', async () => {
  const failures = [];
  const scheduler = new core.Scheduler({ limit: 1, exceptionHandler: (it) => failures.push(it) });
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const running = await scheduler.spawn(() => held, { timeout: 60_000 });
  await expect(running.wait({ timeout: 1 })).rejects.toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
  const pending = await scheduler.spawn(() => 7, { signal: new AbortController().signal });
  await scheduler.spawn(() => Promise.reject(new Error('boom')));
  release();
  expect(await pending.wait()).toBe(7);
  await scheduler.drain();
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toHaveLength(1);
  const stubborn = await scheduler.spawn(() => new Promise(() => {}));
  await stubborn.close({ timeout: 1 }).catch(() => {});
  await scheduler.close();
});

test('a server that was shut down leaves nothing open', async () => {
  const server = createServer(
    http.jobsListener(async (req, res) => {
      await http.spawn(req, () => {});
      http.after(req, () => {});
      res.end('ok');
    }),
  );
  await new Promise((resolve) => server.listen(0, resolve));
  const handle = http.gracefulShutdown(server);
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  expect(await answer.text()).toBe('ok');
  await handle.shutdown();
  process.exitCode = undefined;
});

test('durable jobs that were closed leave nothing open', async () => {
  const done = [];
  const greet = durable.defineJob('greet', (name) => done.push(name));
  const jobs = await durable.openJobs({ jobs: [greet], backend: durable.memoryBackend() });
  await jobs.enqueue(greet, 'Ada');
  await jobs.waitAndClose();
  expect(done.length).toBeLessThanOrEqual(1);
});
