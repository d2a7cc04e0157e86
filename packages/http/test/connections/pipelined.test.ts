import { once } from 'node:events';
import { atomic } from '@outlive/http';
import { Client } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { promptly } from '@outlive/test-support/watched';
import { heads, sayClose } from '../support/answers.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Listener, serveJobs } from '../support/serve-jobs.ts';

describe('a request that arrives on a connection in use while its server closes', () => {
  const handlers: [string, Listener][] = [
    ['a synchronous handler', (_request, response) => response.end('next')],
    ['an atomic handler', atomic(async (_request, response) => response.end('next'))],
  ];

  test.each(handlers)('is served by %s, and ends the connection', async (_name, next) => {
    const work = new HeldWork();
    await using serving = await serveJobs({ ...work.routes, '/next': next });
    using client = new Client(serving);
    client.send('GET', '/plain');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    client.send('GET', '/next');
    await once(serving.server, 'request');
    work.release();
    await client.answers(2, 'next');
    expect(heads(client.received).map((head) => head.split('\r\n')[0])).toEqual([
      '200 OK',
      '200 OK',
    ]);
    expect(sayClose(client.received)).toEqual([false, true]);
    await promptly(closing);
  });
});

/** Sends requests, each answered when it is let go, and closes the server. */
async function pipelined(order: readonly number[]) {
  const gates = order.map(() => deferred());
  const all = deferred();
  let entered = 0;
  await using serving = await serveJobs(
    Object.fromEntries(
      gates.map((gate, index): [string, Listener] => [
        `/${index}`,
        async (_request, response) => {
          entered += 1;
          if (entered === gates.length) all.resolve();
          await gate.promise;
          response.end(`answer ${index}`);
        },
      ]),
    ),
  );
  using client = new Client(serving);
  for (const index of gates.keys()) client.send('GET', `/${index}`);
  await all.promise;
  const closing = once(serving.server.close(), 'close');
  for (const index of order) {
    gates[index]?.resolve();
    await settled();
  }
  await client.answers(gates.length, `answer ${gates.length - 1}`);
  await promptly(closing);
  return client.received;
}

describe('pipelined requests in flight when their server closes', () => {
  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]]])(
    'are all answered, and only the last says so, when they are done in the order %j',
    async (order) => {
      const received = await pipelined(order);
      expect(received.match(/answer \d/g)).toEqual(['answer 0', 'answer 1', 'answer 2']);
      expect(sayClose(received)).toEqual([false, false, true]);
    },
  );

  it('let the server close when their client leaves', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    using client = new Client(serving);
    client.send('GET', '/plain');
    client.send('GET', '/plain');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    client.leave('RST');
    await promptly(closing);
    work.release();
  });
});
