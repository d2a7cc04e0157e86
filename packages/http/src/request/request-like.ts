/**
 * A request in any framework's form: node's, Express's `req`, Koa's `ctx`, Fastify's `request`, Hono's `c`,
 * hapi's `request`, h3's `event`; or a context that holds one of these as `req` or `request`, as those of tRPC
 * and of GraphQL servers do.
 */
export type RequestLike = object;

/** Where frameworks and contexts keep the request that theirs is made of. */
interface Holder {
  readonly raw?: unknown;
  readonly req?: unknown;
  readonly request?: unknown;
  /** Hono on `@hono/node-server`. */
  readonly env?: { readonly incoming?: unknown };
  /** h3 1. */
  readonly node?: { readonly req?: unknown };
  /** h3 2 and srvx. */
  readonly runtime?: { readonly node?: { readonly req?: unknown } };
}

/** How many holders may be around the raw request: of the Fastify request in a context two. */
const maxDepth = 2;

/**
 * Asks a request-like object, then what it is made of, until one gives an answer. Asks by name and never by
 * `instanceof`, since `inject()` and mocks fake every class.
 */
export function findInRequest<T>(
  request: unknown,
  ask: (candidate: object) => T | undefined,
  depth: number = maxDepth,
): T | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const answer = ask(request);
  if (answer !== undefined || depth === 0) return answer;
  const { raw, req, env, request: inner, node, runtime } = request as Holder;
  return (
    findInRequest(raw, ask, depth - 1) ??
    findInRequest(req, ask, depth - 1) ??
    findInRequest(env?.incoming, ask, depth - 1) ??
    findInRequest(inner, ask, depth - 1) ??
    findInRequest(node?.req, ask, depth - 1) ??
    findInRequest(runtime?.node?.req, ask, depth - 1)
  );
}

/** Whether it is a `Request` as `fetch()` has it, or what Hono makes of one (`c.req`). */
export function isWebRequest(request: object): boolean {
  const { raw } = request as Holder;
  return [request, raw].some((each) => Object.prototype.toString.call(each) === '[object Request]');
}
