import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jobsPlugin, spawn } from '@outlive/fastify';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { versions } from '../support/versions.ts';

describe.each(versions)('close() of a %s app whose server was closed before', (_name, make) => {
  it('resolves when the jobs that hold that close have settled', async () => {
    const app = make();
    await app.register(jobsPlugin);
    const held = deferred();
    app.get('/', async (request) => {
      await spawn(request, () => held.promise);
      return 'spawned';
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    const serverClosed = once(app.server, 'close');
    app.server.close();
    await settled();
    let over = false;
    const closing = app.close().then(() => {
      over = true;
    });
    await settled();
    expect(over).toBe(false);
    held.resolve();
    await closing;
    await serverClosed;
  });
});
