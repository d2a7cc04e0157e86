import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { settled } from '@outlive/test-support/conditions';
import { promptly } from '@outlive/test-support/watched';
import { serveJobs } from '../support/serve-jobs.ts';

const size = 16 * 1024 * 1024;
const body = Buffer.alloc(size, 'x');

function* chunks() {
  for (let from = 0; from < size; from += 65_536) yield body.subarray(from, from + 65_536);
}

const ways: readonly [string, (response: ServerResponse) => unknown][] = [
  ['written at once', (response) => response.end(body)],
  ['streamed', async (response) => pipeline(Readable.from(chunks()), response)],
];

describe.each(ways)('a large body %s', (_name, send) => {
  test.each([
    ['before its server closes', false],
    ['while its server closes', true],
  ])('%s reaches a slow reader whole', async (_when, later) => {
    await using serving = await serveJobs({
      '/': (_request, response) => {
        response.setHeader('Content-Length', size);
        return send(response);
      },
    });
    const { server } = serving;
    const socket = connect(serving.port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const requested = once(server, 'request');
    if (later) server.prependOnceListener('request', () => server.close());
    await requested;
    await settled();
    if (!later) server.close();
    let received = 0;
    let headed = 0;
    for await (const chunk of socket) {
      if (received === 0) headed = (chunk as Buffer).indexOf('\r\n\r\n') + 4;
      received += (chunk as Buffer).length;
      await settled();
    }
    expect(received - headed).toBe(size);
    expect(server.listening).toBe(false);
    await promptly(new Promise((resolve) => server.close(resolve)));
  });
});
