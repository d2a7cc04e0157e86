import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { listen } from '@outlive/test-support/server';
import { certificate } from './certificate.ts';
import type { Listener } from './serve-jobs.ts';

/** What a server and its clients are connected by. */
export interface Transport {
  readonly isSecure: boolean;
  /** Whether the server listens: one that is handed streams has no need to. */
  readonly listens: boolean;
  makeServer(listener: Listener): Server;
  /** Resolves when the server can be connected to. */
  open(server: Server): Promise<void>;
  /** A connection on which nothing has been said, beneath TLS. */
  dial(server: Server): Duplex;
  /** The client's side of TLS on it, where there is TLS. */
  secure(beneath: Duplex): Duplex;
}

let sockets = 0;

function transport(
  isSecure: boolean,
  listens: boolean,
  open: (server: Server) => Promise<void>,
  dial: (server: Server) => Duplex,
): Transport {
  return {
    isSecure,
    listens,
    makeServer: (listener) =>
      isSecure ? createSecureServer(certificate, listener) : createServer(listener),
    open,
    dial: (server) => dial(server).on('error', () => {}),
    secure: (beneath) =>
      isSecure
        ? connectTls({ socket: beneath, rejectUnauthorized: false }).on('error', () => {})
        : beneath,
  };
}

const overTcp = [
  async (server: Server) => void (await listen(server)),
  (server: Server) => {
    const address = server.address() as { port: number };
    return connect(address.port, '127.0.0.1');
  },
] as const;

const overUnix = [
  async (server: Server) => {
    sockets += 1;
    const path = join(tmpdir(), `outlive-${process.pid}-${sockets}.sock`);
    rmSync(path, { force: true });
    await once(server.listen(path), 'listening');
  },
  (server: Server) => connect(server.address() as string),
] as const;

const overStreams = [
  async () => {},
  (server: Server) => {
    const [ours, theirs] = duplexPair();
    server.emit('connection', theirs);
    return ours;
  },
] as const;

export const transports: readonly (readonly [name: string, Transport])[] = [
  ['TCP', transport(false, true, ...overTcp)],
  ['TLS', transport(true, true, ...overTcp)],
  ['a Unix socket', transport(false, true, ...overUnix)],
  ['TLS over a Unix socket', transport(true, true, ...overUnix)],
  ['streams that a server is handed', transport(false, false, ...overStreams)],
  ['TLS over such streams', transport(true, false, ...overStreams)],
];
