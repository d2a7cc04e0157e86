import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { getScheduler, jobsMiddleware } from '@outlive/express';
import { Client } from '@outlive/test-support/client';
import { listen } from '@outlive/test-support/server';
import { versions } from '../support/versions.ts';

describe.each(versions)('%s', (_name, framework) => {
  it('an upgrade request, though it is the first of all, belongs to the scheduler of the app', async () => {
    const middleware = jobsMiddleware();
    const server = createServer(framework().use(middleware));
    const port = await listen(server);
    using client = new Client({ port });
    client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    const upgraded = once(server, 'upgrade');
    // From here on it is the listener's socket, which nobody else ends.
    const [request, socket] = (await upgraded) as [object, Duplex];
    expect(getScheduler(request)).toBe(middleware.scheduler);
    socket.destroy();
    server.close();
    await once(server, 'close');
  });
});
