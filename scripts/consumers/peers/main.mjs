// Durable jobs where the optional peers are installed, and where they are not: node main.mjs with|without
import assert from 'node:assert/strict';
import { defineJob, openJobs } from '@outlive/durable';

const greet = defineJob('greet', async () => {});
const error = await openJobs({ jobs: [greet], store: 'redis://127.0.0.1:1' }).then(
  () => assert.fail('there is no Redis'),
  (reason) => reason,
);
if (process.argv[2] === 'with') {
  assert.equal(error.code, 'ERR_JOB_STORE', String(error));
} else {
  assert.equal(error.code, 'ERR_ENGINE_MISSING', String(error));
  assert.match(error.message, /npm install "(bullmq|ioredis)@/);
}
