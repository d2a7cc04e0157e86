import type { ServerResponse } from 'node:http';
import { Http1Sockets } from './http1-sockets.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { PreRequestSockets } from './pre-request-sockets.ts';
import type { IsLeftOut, Responses } from './responses.ts';
import type { ConnectionStream } from './stream.ts';
import { UpgradedSockets } from './upgraded-sockets.ts';
import type { Closeable } from './when-gone.ts';

/** The connections of one server, by what is spoken on them. */
export class ConnectionSet {
  readonly sockets: Http1Sockets;
  readonly sessions: Http2Sessions;
  readonly upgraded: UpgradedSockets;
  readonly preRequest: PreRequestSockets;

  /** @param onClose - called when a connection has closed */
  constructor(server: object, onClose: (socket?: ConnectionStream) => void) {
    const onEnd = (): void => {
      onClose();
    };
    this.sockets = new Http1Sockets(server, onClose);
    this.sessions = new Http2Sessions(onEnd);
    this.upgraded = new UpgradedSockets(onEnd);
    this.preRequest = new PreRequestSockets(onEnd);
  }

  /** Of each on which there may be requests. */
  get all(): Responses[] {
    return [...this.sockets.all, ...this.sessions.all, ...this.upgraded.all];
  }

  /** All responses in flight. */
  get inFlight(): ServerResponse[] {
    return this.all.flatMap(({ inFlight }) => inFlight);
  }

  /** Listening has stopped. */
  close(): void {
    this.sockets.close();
    this.preRequest.close();
    this.sessions.close();
  }

  reopen(): void {
    this.sockets.reopen();
    this.sessions.reopen();
  }

  /** Once closing: ends what brings no request any more. Gives in how many ms there may be more to end. */
  endQuiet(asOf: number): number {
    const { sockets, sessions, preRequest } = this;
    return Math.min(...[sockets, sessions, preRequest].map((each) => each.endQuiet(asOf)));
  }

  /** Whether no response is in flight, none may follow and no HTTP/2 session is left, but for those left out. */
  isIdle(isLeftOut: IsLeftOut): boolean {
    return (
      this.inFlight.every(isLeftOut) &&
      !this.sockets.mayBringMore &&
      !this.preRequest.mayBringMore &&
      [...this.sessions.all].every(({ inFlight }) => inFlight.length > 0)
    );
  }

  /** All but those that carry a response left out, and those that have been upgraded and go on. */
  waitedFor(isLeftOut: IsLeftOut): Closeable[] {
    return [
      ...this.sockets.waitedFor(isLeftOut),
      ...this.sessions.waitedFor(isLeftOut),
      ...this.preRequest.streams,
      ...[...this.upgraded.streams].filter(({ destroyed }) => destroyed),
    ];
  }

  /** Ends by force what does not end by itself; gives the responses that this cut off. */
  destroy(isLeftOut: IsLeftOut): ServerResponse[] {
    this.preRequest.destroy();
    return [
      ...this.sessions.destroy(isLeftOut),
      ...this.sockets.destroy(isLeftOut),
      ...this.upgraded.destroy(),
    ];
  }
}
