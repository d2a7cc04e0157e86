import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import { InspectorPage } from './inspector-page.ts';
import { type InspectorOptions, resolveOptions } from './options.ts';
import { resolveSources } from './sources.ts';

/** Options of {@link inspectorPlugin}: where to mount it, what it shows, and to whom. */
export interface InspectorPluginOptions<R = FastifyRequestLike> extends InspectorOptions<R> {
  /** A scheduler, durable jobs, or an array of them. Left out, it is `fastify.scheduler` of the `jobsPlugin`. */
  readonly scheduler?: Scheduler | readonly Scheduler[] | undefined;
  /** Fastify's own: the path of the page. @defaultValue none: the page is at `/` */
  readonly prefix?: string | undefined;
}

/** What the plugin needs of a Fastify request. */
interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly headers: IncomingMessage['headers'];
  readonly body?: unknown;
  readonly params?: unknown;
}

/** What the plugin needs of a Fastify reply. */
interface ReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

/** What the plugin needs of a Fastify instance, of either major. */
interface FastifyLike {
  // oxlint-disable-next-line typescript/no-explicit-any -- Fastify's own overloads are many
  addHook(name: 'preClose', hook: () => Promise<void>): any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  removeAllContentTypeParsers(): any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  addContentTypeParser(type: string, parser: (...args: any[]) => void): any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  route(options: any): any;
}

/**
 * The page of {@link inspector} as a plugin of Fastify 4 and 5.
 *
 * Options: those of {@link inspector}, and `scheduler`.
 *
 * @throws TypeError for bad options, or where there is no scheduler: `ready()` and `listen()` reject with it
 * @example
 * ```ts
 * import fastify, { type FastifyRequest } from 'fastify';
 * import { jobsPlugin } from '@outlive/fastify';
 * import { inspectorPlugin } from '@outlive/inspector';
 *
 * const app = fastify();
 * await app.register(jobsPlugin, { limit: 50 });
 * await app.register(inspectorPlugin, {
 *   prefix: '/_jobs',
 *   scheduler: app.scheduler,
 *   authorize: (request: FastifyRequest) => request.headers['x-role'] === 'operator',
 * });
 * await app.close();
 * ```
 */
export async function inspectorPlugin<R = FastifyRequestLike>(
  fastify: FastifyLike,
  { prefix, logLevel, logSerializers, scheduler, ...options }: RegisterOptions<R>,
): Promise<void> {
  const target = scheduler ?? (fastify as { scheduler?: Scheduler }).scheduler;
  const page = new InspectorPage(resolveSources(target), resolveOptions(options));
  // The page reads its few calls itself, whatever parsers the app has.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done: (error: null) => void) => {
    done(null);
  });
  const handler = async (request: FastifyRequestLike, reply: ReplyLike): Promise<void> => {
    reply.hijack();
    const { '*': rest = '' } = (request.params ?? {}) as { '*'?: string };
    await page.serve({
      request: request.raw,
      response: reply.raw,
      subject: request,
      url: request.raw.url ?? '/',
      path: `/${rest}`,
    });
  };
  const method = ['GET', 'HEAD', 'POST'];
  for (const url of ['/', '/*']) fastify.route({ method, url, handler, exposeHeadRoute: false });
  fastify.addHook('preClose', async () => {
    page.endStreams();
  });
}

type RegisterOptions<R> = InspectorPluginOptions<R> &
  Partial<Record<'logLevel' | 'logSerializers', unknown>>;
