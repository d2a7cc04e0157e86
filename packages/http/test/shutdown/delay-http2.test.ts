import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import { text } from 'node:stream/consumers';
import { gracefulShutdown } from '@outlive/http';
import { settled } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { listen } from '@outlive/test-support/server';
import { promptly } from '@outlive/test-support/watched';

keepExitCode();

beforeEach(() => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
  });
});

afterEach(() => {
  jest.useRealTimers();
});

function ask(session: ClientHttp2Session): Promise<string> {
  return text(session.request({ ':path': '/' }));
}

// Node refuses every stream that comes after a GOAWAY of its own, whatever the last id is that this names:
// one that is sent in the delay would fail requests while the server is said to serve as ever.
describe('HTTP/2 in the delay of a shutdown', () => {
  it('serves all streams, on old sessions and new ones, and says GOAWAY at its end', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    const shutdown = gracefulShutdown(server, { signals: [], delay: 60_000 });
    const port = await listen(server);
    const session = (): ClientHttp2Session => connect(`http://127.0.0.1:${port}`);
    const old = session();
    expect(await ask(old)).toBe('ok');
    const report = shutdown.shutdown();
    const fresh = session();
    const all = [old, old, fresh, fresh].map(ask);
    expect(await Promise.all(all)).toEqual(['ok', 'ok', 'ok', 'ok']);
    await settled();
    expect(await ask(old)).toBe('ok');
    const told = [old, fresh].map(async (each) => once(each, 'goaway'));
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    await promptly(Promise.all([report, ...told]));
  });
});
