import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';
import type { HttpServer } from './http-server.ts';

/** What an event of a server says of its connections. */
export function observeEvent(
  connections: Connections,
  server: HttpServer,
  event: string,
  args: readonly unknown[],
): void {
  switch (event) {
    case 'listening':
      connections.reopen();
      break;
    case 'request':
    case 'checkContinue':
    case 'checkExpectation':
      connections.addResponse(args[0] as IncomingMessage, args[1] as ServerResponse);
      break;
    case 'connection':
      if ('setSecureContext' in server) connections.addHandshake(args[0] as Socket);
      else connections.addSocket(args[0] as Socket);
      break;
    case 'secureConnection':
      connections.addSocket(args[0] as Socket);
      break;
    case 'session':
      connections.addSession(args[0] as ServerHttp2Session);
      break;
    case 'upgrade':
    case 'connect': {
      const [request, target] = args as [IncomingMessage, unknown];
      // To HTTP/2 a CONNECT is a request like any other.
      if (request.httpVersionMajor < 2) connections.addUpgraded(target as Socket);
      else connections.addResponse(request, target as ServerResponse);
      break;
    }
    default:
  }
}
