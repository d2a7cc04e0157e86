import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scheduler } from '@outlive/core';
import { expected } from '@outlive/core/internal';
import { type Exchange, pathOf } from './exchange.ts';
import { InspectorPage } from './inspector-page.ts';
import { type InspectorOptions, resolveOptions } from './options.ts';
import { resolveSources } from './sources.ts';

/** What the inspector needs of Koa's `ctx`. */
export interface KoaContext {
  /** Node's request. */
  readonly req: IncomingMessage;
  /** Node's response. */
  readonly res: ServerResponse;
  /** The path before any mounting. */
  readonly originalUrl: string;
  /** Koa leaves the response alone where it is `false`. */
  respond?: boolean | undefined;
}

/** The page as a handler: of Koa, of Express, and of plain `node:http`. */
export interface Inspector {
  /** As Koa middleware. */
  (context: KoaContext, next: () => Promise<unknown>): unknown;
  /** As Express middleware, or as a listener of a server. */
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
}

/**
 * A page of live jobs, to be mounted under any path: in Express by `app.use('/_jobs', …)`, in Koa by
 * `app.use(mount('/_jobs', …))` of `koa-mount`, in plain `node:http` by calling it for the requests below a path. For
 * Fastify there is {@link inspectorPlugin}.
 *
 * While no page is open it holds no timer and no subscription; only failures are noted, the last kinds of them. An
 * open page holds up neither the close of a server nor the end of the process.
 *
 * @param target - a scheduler, durable jobs (what `openJobs()` resolves to), or an array of them
 * @throws TypeError at the call for a bad option, and without `authorize` unless it is `readOnly`
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { jobsListener } from '@outlive/http';
 * import { inspector } from '@outlive/inspector';
 *
 * const app = jobsListener((req, res) => void res.end('ok'));
 * const page = inspector(app.scheduler, {
 *   authorize: (req) => req.headers.authorization === `Bearer ${process.env['ADMIN_TOKEN']}`,
 * });
 * createServer((req, res) => (req.url?.startsWith('/_jobs') ? page(req, res) : app(req, res)));
 * ```
 */
export function inspector<R = IncomingMessage>(
  target: Scheduler | readonly Scheduler[],
  options?: InspectorOptions<R>,
): Inspector {
  const page = new InspectorPage(resolveSources(target), resolveOptions(options));
  function serveInspector(
    first: IncomingMessage | KoaContext,
    second: ServerResponse | (() => unknown),
    next?: () => void,
  ): unknown {
    if (isKoa(first)) return serveKoa(page, first, second as () => unknown);
    if (typeof (second as ServerResponse | undefined)?.setHeader !== 'function') {
      throw new TypeError(
        'The inspector is a handler of requests, for Express, Koa or node:http (for Fastify there is inspectorPlugin): ' +
          expected('response', 'a response', second),
      );
    }
    void page.serve(exchangeOf(first, second as ServerResponse, next, serveInspector));
    return undefined;
  }
  return serveInspector;
}

function isKoa(first: object): first is KoaContext {
  const { req, res } = first as Partial<KoaContext>;
  return typeof req === 'object' && typeof res === 'object' && 'respond' in first
    ? true
    : typeof req === 'object' && typeof (first as Partial<KoaContext>).originalUrl === 'string';
}

async function serveKoa(
  page: InspectorPage,
  context: KoaContext,
  next: () => unknown,
): Promise<void> {
  const { req: request, res: response, originalUrl } = context;
  const { mountPath, request: ofKoa } = context as {
    mountPath?: string;
    request?: { body?: unknown };
  };
  let passed = false;
  const exchange: Exchange = {
    request,
    response,
    subject: context,
    url: originalUrl,
    path: mountPath === undefined ? undefined : pathOf(request.url ?? '/'),
    parsedBody: ofKoa?.body,
    pass: () => {
      passed = true;
    },
  };
  await page.serve(exchange, () => {
    // The response is written here and not by Koa.
    context.respond = false;
  });
  if (passed) await next();
}

/** What Express, and `connect`, add to a request. */
interface OfExpress {
  readonly originalUrl?: string;
  readonly baseUrl?: string;
  readonly route?: { readonly stack: readonly { readonly handle: unknown }[] };
  readonly body?: unknown;
}

function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  next: (() => void) | undefined,
  handler: unknown,
): Exchange {
  const { originalUrl, baseUrl, route, body } = request as OfExpress;
  const inner = request.url ?? '/';
  const url = originalUrl ?? inner;
  // A route that was taken before leaves its mark, so that it is asked whether this is it.
  const isRouted =
    route?.stack.some(({ handle }) => handle === handler) === true ||
    (route !== undefined && next === undefined);
  // What is mounted below a path sees only the rest of the URL, and so does all that Express calls without a route. The
  // URL that a route sees may begin with more than the place of the page: with the path of the route.
  const isMounted = !isRouted && (url !== inner || baseUrl !== undefined);
  return {
    request,
    response,
    subject: request,
    url,
    path: isMounted ? pathOf(inner) : undefined,
    parsedBody: body,
    pass: typeof next === 'function' ? () => next() : undefined,
  };
}
