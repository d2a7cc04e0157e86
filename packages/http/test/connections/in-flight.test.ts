import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { drainOnClose, getScheduler } from '@outlive/http';
import { Client } from '@outlive/test-support/client';
import { aborted, settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { promptly, watched } from '@outlive/test-support/watched';
import { sayClose } from '../support/answers.ts';
import { HeldWork } from '../support/held-work.ts';
import { serveJobs } from '../support/serve-jobs.ts';

describe('a response in flight when its server closes', () => {
  it('says `Connection: close` where its headers are not sent, and ends the connection', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    using client = new Client(serving);
    client.send('GET', '/plain');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    work.release();
    await client.answers(1, 'late');
    expect(sayClose(client.received)).toEqual([true]);
    await promptly(closing);
  });

  it('is sent whole where its headers are sent already, and ends the connection', async () => {
    const work = new HeldWork();
    const begun = deferred();
    await using serving = await serveJobs({
      '/': async (_request, response) => {
        response.writeHead(200, { 'Content-Length': 9 });
        response.write('half ');
        begun.resolve();
        await work.run('rest')();
        response.end('full');
      },
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await begun.promise;
    await client.answers(1, 'half ');
    const closing = once(serving.server.close(), 'close');
    work.release();
    await client.answers(1, 'half full');
    expect(sayClose(client.received)).toEqual([false]);
    await promptly(once(client.socket, 'close'));
    await promptly(closing);
  });

  it('is waited for on many connections', async () => {
    const work = new HeldWork();
    let entered = 0;
    const all = deferred();
    await using serving = await serveJobs({
      '/': async (_request, response) => {
        entered += 1;
        if (entered === 20) all.resolve();
        await work.run('answer')();
        response.end('late');
      },
    });
    const clients = Array.from({ length: 20 }, () => new Client(serving));
    for (const client of clients) client.send('GET', '/');
    await all.promise;
    const closing = once(serving.server.close(), 'close');
    work.release();
    await Promise.all(clients.map(async (client) => client.answers(1, 'late')));
    await promptly(closing);
  });

  test.each([
    ['HTTP/1.1', 'Connection: close'],
    ['HTTP/1.0', 'Connection: close'],
    ['HTTP/1.0', 'Connection: keep-alive'],
    ['HTTP/1.0', 'Accept: */*'],
  ])('is sent to a client that speaks %s and says `%s`', async (version, header) => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    using client = new Client(serving);
    client.socket.write(`GET /plain ${version}\r\nHost: localhost\r\n${header}\r\n\r\n`);
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    work.release();
    await client.answers(1, 'late');
    await promptly(closing);
  });

  it('is sent to a client that is asked to go on with its body', async () => {
    const work = new HeldWork();
    const body = deferred<string>();
    await using serving = await serveJobs({});
    drainOnClose(serving.server, serving.scheduler);
    serving.server.on('checkContinue', (request, response: ServerResponse) => {
      response.writeContinue();
      request.once('data', (chunk: Buffer) => {
        body.resolve(String(chunk));
        void work
          .run('answer')()
          .then(() => response.end('late'));
      });
    });
    using client = new Client(serving);
    client.socket.write(
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
    );
    await client.answers(1);
    client.socket.write('body');
    expect(await body.promise).toBe('body');
    const closing = once(serving.server.close(), 'close');
    work.release();
    await client.answers(2, 'late');
    expect(sayClose(client.received)).toEqual([false, true]);
    await promptly(closing);
  });

  it('is sent to a client that is still sending its body', async () => {
    await using serving = await serveJobs({
      '/': async (request, response) => {
        reading.resolve();
        let length = 0;
        for await (const chunk of request) length += (chunk as Buffer).length;
        response.end(`got ${length}`);
      },
    });
    const reading = deferred();
    using client = new Client(serving);
    client.send('POST', '/', { type: 'text/plain', text: 'begin', length: 8 });
    await reading.promise;
    const closing = watched(once(serving.server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    client.socket.write('end');
    await client.answers(1, 'got 8');
    await promptly(closing.promise);
  });

  it('that streams events goes on until its handler ends it', async () => {
    const begun = deferred();
    await using serving = await serveJobs({
      '/': async (request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('data: 1\n\n');
        begun.resolve();
        await aborted(getScheduler(request).drainSignal);
        response.end('data: bye\n\n');
      },
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await begun.promise;
    await client.answers(1, 'data: 1');
    const closing = once(serving.server.close(), 'close');
    await client.answers(1, 'data: bye');
    await promptly(closing);
  });
});
