import type { Server } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { expected } from '@outlive/core/internal';

/** What can be drained: any of Node's HTTP servers. */
export type HttpServer = Server | HttpsServer | Http2Server | Http2SecureServer;

/** @throws TypeError for anything else */
export function checkServer(server: unknown): asserts server is HttpServer {
  const { close, emit } = (server ?? {}) as { close?: unknown; emit?: unknown };
  if (
    typeof close !== 'function' ||
    typeof emit !== 'function' ||
    !('listening' in (server as object))
  ) {
    throw new TypeError(expected('server', 'an http, https or http2 server', server));
  }
}
