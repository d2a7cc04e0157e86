import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { inspector, type InspectorOptions } from '@outlive/inspector';
import { createServer } from 'node:http';
import { closeServer, listen } from '@outlive/test-support/server';
import { Stream } from './support/stream.ts';

const charge = defineJob(
  'charge',
  (_payload: { card: string }) => Promise.reject(new Error('declined')),
  { retries: 0 },
);

/** What the page is sent of one failed job with a card number. */
async function sentOf(options: Partial<InspectorOptions>) {
  await using jobs = await openJobs({
    jobs: [charge],
    backend: memoryBackend(),
    exceptionHandler: () => undefined,
  });
  const id = await jobs.enqueue(charge, { card: '4111111111111111' });
  const page = inspector(jobs, { authorize: () => true, ...options });
  const server = createServer((req, res) => page(req, res));
  const port = await listen(server);
  using stream = await Stream.open({ port });
  await stream.has(() => stream.last.stores?.[0]?.failed?.length === 1);
  const failed = stream.last.stores?.[0]?.failed?.[0];
  const all = JSON.stringify(stream.updates);
  await closeServer(server);
  return { id, failed, all };
}

it('payloads are not even sent, unless asked for', async () => {
  const { failed, all } = await sentOf({});
  expect(failed).toMatchObject({ name: 'charge', payload: null, error: { message: 'declined' } });
  expect(all).not.toContain('4111111111111111');
});

it('`payloads: true` shows them as JSON', async () => {
  const { failed } = await sentOf({ payloads: true });
  expect(failed?.payload).toBe('{\n  "card": "4111111111111111"\n}');
});

it('`redact` decides what is shown of each', async () => {
  const redact = jest.fn(() => ({ card: '…1111' }));
  const { id, failed, all } = await sentOf({ payloads: true, redact });
  expect(failed?.payload).toContain('…1111');
  expect(all).not.toContain('4111111111111111');
  expect(redact).toHaveBeenCalledWith({ card: '4111111111111111' }, { id, name: 'charge' });
});

it('a `redact` that throws shows nothing', async () => {
  const { failed, all } = await sentOf({
    payloads: true,
    redact: () => {
      throw new Error('4111111111111111 is no card');
    },
  });
  expect(failed?.payload).toBe('(not shown: `redact` has failed)');
  expect(all).not.toContain('4111111111111111');
});
