// Is bundled into one file, and run.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { gracefulShutdown, jobsMiddleware, spawn } from '@outlive/express';
import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import express from 'express';

const done = [];
const greet = defineJob('greet', async (name) => done.push(name));
const jobs = await openJobs({ jobs: [greet], backend: memoryBackend() });
const app = express();
app.use(jobsMiddleware(jobs));
app.get('/', async (req, res) => {
  await spawn(req, async () => done.push('receipt'));
  await spawn(req, greet, 'Ada');
  res.send('ok');
});
const server = app.listen(0);
await once(server, 'listening');
const handle = gracefulShutdown(server, { scheduler: jobs });
const answer = await fetch(`http://127.0.0.1:${server.address().port}`);
assert.equal(await answer.text(), 'ok');
while (done.length < 2) await new Promise(setImmediate);
await handle.shutdown();
assert.equal(process.exitCode, 0);
assert.deepEqual(new Set(done), new Set(['Ada', 'receipt']));
