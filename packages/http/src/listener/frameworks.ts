import { expected } from '@outlive/core/internal';

/** A framework, and how its requests get a scheduler. */
export interface Framework {
  readonly name: string;
  readonly instead: string;
}

export const fastify: Framework = {
  name: 'Fastify',
  instead: '`await app.register(jobsPlugin)` of @outlive/fastify',
};
export const koa: Framework = {
  name: 'Koa',
  instead: '`app.use(jobsMiddleware())` of @outlive/koa',
};
export const express: Framework = {
  name: 'Express',
  instead: '`app.use(jobsMiddleware())` of @outlive/express',
};
export const node: Framework = {
  name: 'node:http',
  instead: '`createServer(jobsListener(listener))` of @outlive/http',
};
const nest: Framework = { name: 'Nest', instead: '`app.use(jobsMiddleware())`' };

/** The framework of an app, by what only its apps have. */
function frameworkOf(app: unknown): Framework | undefined {
  if (app === null || (typeof app !== 'object' && typeof app !== 'function')) return undefined;
  const has = (name: string): boolean =>
    typeof (app as Record<string, unknown>)[name] === 'function';
  if (has('addHook') && has('register')) return fastify;
  if (has('getHttpServer') && has('getHttpAdapter')) return nest;
  if (has('callback') && Array.isArray((app as { middleware?: unknown }).middleware)) return koa;
  if (typeof app === 'function' && has('handle') && has('engine')) return express;
  return has('closeAllConnections') || has('setTimeout') ? node : undefined;
}

/** @throws TypeError for an app of another framework than this one */
export function refuseOtherApps(wanted: 'Express' | 'Koa', app: unknown): void {
  const found = frameworkOf(app);
  if (found === undefined || found.name === wanted) return;
  const given = found === node ? 'a server of node:http' : `one of ${found.name}`;
  throw new TypeError(
    `Expected \`app\` to be ${appOf(wanted)}, got ${given}: use ${found.instead} there`,
  );
}

/**
 * What is no app of a known framework, but can be used as one, passes: there are more frameworks than those.
 *
 * @throws TypeError for an app of another framework than this one, and for what is none
 */
export function checkApp(wanted: 'Express' | 'Koa', app: unknown): void {
  refuseOtherApps(wanted, app);
  const { use, listen } = (app ?? {}) as Record<string, unknown>;
  if (typeof use === 'function' && typeof listen === 'function') return;
  throw new TypeError(expected('app', appOf(wanted), app));
}

function appOf(framework: 'Express' | 'Koa'): string {
  return framework === 'Koa' ? 'a Koa app' : 'an Express app';
}
