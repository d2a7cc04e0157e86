import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import fp from 'fastify-plugin';
import type { AtomicOptions, ExceptionHandler, JobsOptions, Scheduler } from '@outlive/http';
import * as http from '@outlive/http/internal';
import { makeRoutesAtomic } from './atomic-routes.ts';
import { drainOnAppClose } from './drain-on-app-close.ts';

// Once, not at each call: an export that is handed on, as these are, is a getter of a slow object.
const { bindRequest, refuseCaller, resolveJobsOptions } = http;

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The scheduler of this instance: of the `jobsPlugin` registered here, else of a parent's. `undefined` until
     * Fastify has loaded the plugin: after `await app.register(jobsPlugin)`, or `app.ready()`.
     */
    readonly scheduler: Scheduler;
  }
  interface FastifyContextConfig {
    /**
     * Runs the handler of the route as `atomic(handler, options)` does, and leaves its types to the route's schema.
     * For routes that are registered after the `jobsPlugin`, on its instance or below.
     *
     * @defaultValue `false`
     */
    atomic?: boolean | AtomicOptions | undefined;
  }
}

/**
 * Gives an instance, and what is registered below it, a scheduler: `fastify.scheduler`. `fastify.close()`
 * waits for its jobs before any plugin's `onClose` takes their resources away; a scheduler made here
 * is then closed, one that was passed in only drained. Failures of jobs that nobody waits for go
 * to `fastify.log.error({ err, job })`, unless an `exceptionHandler` is given.
 *
 * A route whose `config` has `atomic: true`, or the options of `atomic()`, has an atomic handler.
 *
 * Options: those of a scheduler to make, or `{ scheduler }`; bad ones make `ready()` reject.
 *
 * @example
 * ```ts
 * import fastify from 'fastify';
 * import { jobsPlugin, spawn } from '@outlive/fastify';
 *
 * const app = fastify();
 * await app.register(jobsPlugin, { limit: 50 });
 * app.post('/orders', async (request, reply) => {
 *   await spawn(request, async () => console.log('sending the receipt'));
 *   return reply.code(202).send();
 * });
 * await app.close();
 * ```
 */
export const jobsPlugin: FastifyPluginAsync<JobsOptions> = fp(jobsPluginOf, {
  fastify: '4.x || 5.x',
  name: '@outlive/fastify',
});

/** Throws at the call, since another framework might not look at its promise. */
function jobsPluginOf(fastify: FastifyInstance, given: RegisterOptions): Promise<void> {
  if (typeof (fastify as FastifyInstance | undefined)?.addHook !== 'function') {
    void refuseCaller('The plugin of @outlive/fastify', [...arguments]);
  }
  return plugin(fastify, given);
}

async function plugin(fastify: FastifyInstance, given: RegisterOptions): Promise<void> {
  const { scheduler, made, drainOnClose } = resolveJobsOptions(withoutOwn(given), logTo(fastify));
  fastify.decorate('scheduler', scheduler);
  // One group for the whole app: `inject()` has no server, and `localhost` may make a second one.
  const group = drainOnClose ? drainOnAppClose(fastify, scheduler) : undefined;
  // With a callback: an async hook would let each handler start later than it does without us.
  fastify.addHook('onRequest', (request, reply, done) => {
    const { raw, id } = request;
    bindRequest(raw, reply.raw, scheduler, group);
    // Where pino has it, and `logJobs()` looks: events know the raw request alone.
    (raw as { id?: unknown }).id ??= id;
    done();
  });
  makeRoutesAtomic(fastify);
  if (made) {
    fastify.addHook('onClose', async () => {
      // A job that waits for the shutdown waits for this as well.
      await scheduler.close({ from: http.leftOutOfClose(fastify.server) });
    });
  }
}

type RegisterOptions = JobsOptions &
  Partial<Record<'prefix' | 'logLevel' | 'logSerializers', unknown>>;

/** Without the options that `register()` itself reads. */
function withoutOwn({
  prefix,
  logLevel,
  logSerializers,
  ...options
}: RegisterOptions): JobsOptions {
  return options;
}

function logTo(fastify: FastifyInstance): ExceptionHandler {
  return ({ message, exception, job }) => {
    fastify.log.error({ err: exception, job: job && { id: job.id, name: job.name } }, message);
  };
}
