import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mock, test } from 'node:test';
import { jobsListener, Scheduler, spawn } from '@outlive/http';

// oxlint-disable typescript/no-floating-promises -- the runner waits for its tests
test('a server answers, and its close waits for the job', async () => {
  let sent = false;
  const server = createServer(
    jobsListener(async (req, res) => {
      await spawn(req, async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        sent = true;
      });
      res.end('ok');
    }),
  );
  server.listen(0);
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${server.address().port}`);
  assert.equal(await answer.text(), 'ok');
  server.close();
  await once(server, 'close');
  assert.equal(sent, true);
});

test('mocked timers drive the grace', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const scheduler = new Scheduler();
  const job = await scheduler.spawn(() => new Promise(() => {}));
  const drained = scheduler.drain({ timeout: 60_000, closeTimeout: 0 });
  await Promise.resolve();
  mock.timers.tick(60_000);
  await new Promise(setImmediate);
  mock.timers.tick(1);
  assert.deepEqual((await drained).abandoned, [job]);
  mock.timers.reset();
});
