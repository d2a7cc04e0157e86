import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Connections } from './connections.ts';
import type { HttpServer } from './http-server.ts';
import { isStream } from './stream.ts';

/**
 * What an event of a server says of its connections. Anybody may emit one: with a stream for a socket,
 * or with stand-ins, as tools do that fake requests. What cannot be watched is left alone.
 */
export function observeEvent(
  connections: Connections,
  server: HttpServer,
  event: string,
  [first, second]: readonly unknown[],
): void {
  switch (event) {
    case 'listening':
      connections.reopen();
      break;
    case 'request':
    case 'checkContinue':
    case 'checkExpectation':
      connections.addResponse(first as IncomingMessage, second as ServerResponse);
      break;
    case 'connection':
      if (!isStream(first)) break;
      if ('setSecureContext' in server) connections.addHandshake(first);
      else connections.addSocket(first);
      break;
    case 'secureConnection':
      if (isStream(first)) connections.addSocket(first);
      break;
    case 'session':
      if (isSession(first)) connections.addSession(first);
      break;
    case 'upgrade':
    case 'connect':
      // To HTTP/2 a CONNECT is a request like any other: with a response, in the place of a socket.
      if (isHttp2(first)) {
        connections.addResponse(first as IncomingMessage, second as ServerResponse);
      } else if (isStream(second)) {
        connections.addUpgraded(second);
      }
      break;
    default:
  }
}

function isSession(value: unknown): value is ServerHttp2Session {
  const { once, close, destroy } = (value ?? {}) as Partial<ServerHttp2Session>;
  return [once, close, destroy].every((method) => typeof method === 'function');
}

function isHttp2(request: unknown): boolean {
  return ((request ?? {}) as Partial<IncomingMessage>).httpVersionMajor === 2;
}
