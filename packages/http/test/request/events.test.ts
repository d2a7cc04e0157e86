import { observe } from '@outlive/core';
import { after, atomic, jobsListener, spawn } from '@outlive/http';
import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

it('the events of a job have the raw request that it was spawned for, and say whether it is an atomic handler', async () => {
  const seen: string[] = [];
  const stops = (['spawn', 'start', 'settle'] as const).map((what) =>
    observe(`outlive:job:${what}`, ({ job, kind, request }) => {
      seen.push(`${what} ${job.name ?? ''} ${kind} ${(request as IncomingMessage).url ?? ''}`);
    }),
  );
  const listener = jobsListener(
    atomic(
      async (req, res) => {
        await spawn(req, async () => undefined, { name: 'mail' });
        after(req, () => undefined, { name: 'warm' });
        res.end();
      },
      { name: 'order' },
    ),
  );
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/orders`);
  await response.text();
  await listener.scheduler.idle();
  for (const stop of stops) stop();
  expect(seen.toSorted()).toEqual(
    ['mail function', 'order atomic', 'warm function']
      .flatMap((job) => [`settle ${job} /orders`, `spawn ${job} /orders`, `start ${job} /orders`])
      .toSorted(),
  );
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});
