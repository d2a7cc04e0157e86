import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Scheduler } from '@outlive/core';
import { inspector, inspectorPlugin, type InspectorOptions } from '@outlive/inspector';
import express from 'express';
import express4 from 'express4';
import { fastify } from 'fastify';
import { fastify as fastify4 } from 'fastify4';
import Koa from 'koa';
import Koa2 from 'koa2';
import mount from 'koa-mount';
import { listen } from '@outlive/test-support/server';

/** A server with the page at `/_jobs`. */
export interface Mounted extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a request of any framework
type Options = InspectorOptions<any>;

export interface Framework {
  readonly name: string;
  mount(target: Scheduler | readonly Scheduler[], options: Options): Promise<Mounted>;
}

async function serve(server: Server): Promise<Mounted> {
  const port = await listen(server);
  const close = async (): Promise<void> => {
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, server, close, [Symbol.asyncDispose]: close };
}

function withExpress(name: string, framework: typeof express): Framework {
  return {
    name,
    mount: (target, options) => {
      const app = framework();
      app.use('/_jobs', inspector(target, options));
      return serve(createServer(app));
    },
  };
}

function withKoa(name: string, Framework: typeof Koa): Framework {
  return {
    name,
    mount: (target, options) => {
      const app = new Framework();
      app.silent = true;
      app.use(mount('/_jobs', inspector(target, options)));
      return serve(createServer((req, res) => void app.callback()(req, res)));
    },
  };
}

function withFastify(name: string, framework: typeof fastify): Framework {
  return {
    name,
    mount: async (scheduler, options) => {
      const app = framework();
      await app.register(inspectorPlugin, { prefix: '/_jobs', scheduler, ...options });
      await app.listen({ host: '127.0.0.1', port: 0 });
      const { port } = app.server.address() as { port: number };
      const close = async (): Promise<void> => {
        await app.close();
      };
      return { port, server: app.server, close, [Symbol.asyncDispose]: close };
    },
  };
}

/** Plain `node:http`, and both majors of all frameworks. */
export const frameworks: readonly Framework[] = [
  {
    name: 'node:http',
    mount: (target, options) => {
      const page = inspector(target, options as InspectorOptions<IncomingMessage>);
      return serve(
        createServer((req, res) => {
          if (req.url?.startsWith('/_jobs') === true) page(req, res);
          else res.writeHead(404).end();
        }),
      );
    },
  },
  withExpress('Express 4', express4 as unknown as typeof express),
  withExpress('Express 5', express),
  withKoa('Koa 2', Koa2 as unknown as typeof Koa),
  withKoa('Koa 3', Koa),
  withFastify('Fastify 4', fastify4 as unknown as typeof fastify),
  withFastify('Fastify 5', fastify),
];
