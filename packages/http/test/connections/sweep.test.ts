import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { drainOnClose, Scheduler } from '@outlive/http';
import { nextRequestWithin } from '../../src/connections/arrival.ts';

/** A client in a thread of its own: it sends its request when it is told to, and tells what comes of it. */
const client = `
  const { connect } = require('node:net');
  const { parentPort, workerData: { port, flag } } = require('node:worker_threads');
  const socket = connect(port, '127.0.0.1', () => {
    parentPort.postMessage('connected');
    Atomics.wait(flag, 0, 0);
    socket.write('GET / HTTP/1.1\\r\\nHost: shop\\r\\n\\r\\n', () => Atomics.notify(flag, 0, Atomics.store(flag, 0, 2)));
  });
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk) => (received += chunk));
  socket.on('error', ({ code }) => (received += code)).on('close', () => parentPort.postMessage(received));
`;

describe('a request that arrives in time while the process stands still', () => {
  // The look at what has brought no request comes ten turns after the close.
  it.each([1, 5, 9, 10, 11])('is answered: in turn %i after the close', async (stillIn) => {
    const server = createServer((_, res) => res.end('served')).listen(0, '127.0.0.1');
    drainOnClose(server, new Scheduler());
    await once(server, 'listening');
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const { port } = server.address() as AddressInfo;
    const worker = new Worker(client, { eval: true, workerData: { port, flag } });
    await Promise.all([once(server, 'connection'), once(worker, 'message')]);
    let turn = 0;
    const standStill = (): void => {
      turn += 1;
      if (turn < stillIn) setImmediate(standStill);
      if (turn !== stillIn) return;
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      while (Atomics.load(flag, 0) !== 2) Atomics.wait(flag, 0, 1, 10);
      Atomics.wait(flag, 0, 2, nextRequestWithin);
    };
    setImmediate(standStill);
    server.close();
    const [received] = (await once(worker, 'message')) as [string];
    expect(received).toMatch(/^HTTP\/1\.1 200 OK[^]*served$/);
    if (server.listening) await once(server, 'close');
  });
});
