import { inspect } from 'node:util';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AtomicOptions } from '@outlive/http';
import { atomic, type Handler } from './atomic.ts';

/**
 * In the `config` of a route whose handler was made atomic: for the hook of a second plugin, a parent's and a
 * child's, that sees the same route. Fastify copies it into the `config` that requests have.
 */
const done = Symbol.for('@outlive/fastify.atomic');

interface Config {
  readonly atomic?: unknown;
  readonly [done]?: true;
}

interface Route {
  readonly url: string;
  config?: Config;
  handler: Handler;
}

/** Makes the handlers of the routes atomic whose `config` says so. */
export function makeRoutesAtomic(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (options) => {
    const route = options as Route;
    if (!isWanted(route.config)) return;
    route.handler = atomic(route.handler, optionsOf(route));
    route.config = { ...route.config, [done]: true };
  });
  // Of routes that were there before, the hook above knows nothing, nor does Fastify list them. An app
  // without any, as most are, need not look at its requests.
  if (fastify.printRoutes() === '(empty tree)') return;
  fastify.addHook('onRequest', ({ routeOptions }: Partial<FastifyRequest>, _reply, next) => {
    if (isWanted(routeOptions?.config)) next(tooLate(routeOptions?.url));
    else next();
  });
}

function isWanted(config: Config | undefined): config is Config {
  const value = config?.atomic;
  return value !== undefined && value !== false && config?.[done] !== true;
}

/** @throws TypeError for what is no options */
function optionsOf({ config, url }: Route): AtomicOptions | undefined {
  const value = config?.atomic;
  if (value === true) return undefined;
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(
    `Expected \`config.atomic\` of ${url} to be a boolean or options, got ${inspect(value)}`,
  );
}

function tooLate(url = 'a route'): TypeError {
  return new TypeError(
    `\`config.atomic\` of ${url} has no effect: the route was registered before \`jobsPlugin\`. ` +
      'Put `await app.register(jobsPlugin)` above it.',
  );
}
