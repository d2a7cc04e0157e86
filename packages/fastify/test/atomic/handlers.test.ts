import { Readable } from 'node:stream';
import { atomic, jobsPlugin } from '@outlive/fastify';
import type { FastifyInstance } from 'fastify';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { logged } from '../support/logged-fastify.ts';
import { versions } from '../support/versions.ts';

/** The kinds of handlers that Fastify has. */
describe.each(versions)('%s', (_name, framework) => {
  describe('an atomic handler', () => {
    it('in callback style stays synchronous, and its late reply is the answer', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      const returned: unknown[] = [];
      const handler = atomic((_request, reply) => {
        setImmediate(() => void reply.send('later'));
      });
      app.get('/', function (request, reply) {
        returned.push(Reflect.apply(handler, this, [request, reply]));
      });
      expect((await app.inject('/')).payload).toBe('later');
      expect(returned).toEqual([undefined]);
      expect(logs).toEqual([]);
      await app.close();
    });

    it('in callback style holds a slot from the queue until its reply was sent', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin, { limit: 1 });
      const slot = deferred();
      const send = deferred();
      const entered = deferred();
      app.get(
        '/',
        atomic((_request, reply) => {
          entered.resolve();
          void send.promise.then(() => reply.send('later'));
        }),
      );
      app.scheduler.spawnNow(() => slot.promise);
      const answer = app.inject('/');
      await until(() => app.scheduler.pendingCount === 1);
      slot.resolve();
      await entered.promise;
      await settled();
      expect(app.scheduler.activeCount).toBe(1);
      send.resolve();
      expect((await answer).payload).toBe('later');
      await app.scheduler.idle();
      expect(logs).toEqual([]);
      await app.close();
    });

    it.each(['sync', 'async'])('may return reply and send later, %s', async (kind) => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      const send = deferred();
      app.get(
        '/',
        kind === 'sync'
          ? atomic((_request, reply) => {
              void send.promise.then(() => reply.send('later'));
              return reply;
            })
          : atomic(async (_request, reply) => {
              void send.promise.then(() => reply.send('later'));
              return reply;
            }),
      );
      const answer = app.inject('/');
      await until(() => app.scheduler.activeCount === 1);
      await settled();
      expect(app.scheduler.activeCount).toBe(1);
      send.resolve();
      expect((await answer).payload).toBe('later');
      await app.scheduler.idle();
      expect(logs).toEqual([]);
      await app.close();
    });

    it('that returns reply gives reply itself, at once', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const returned: unknown[] = [];
      const handler = atomic((_request, reply) => reply.send('ok'));
      app.get('/', function (request, reply) {
        const given: unknown = Reflect.apply(handler, this, [request, reply]);
        returned.push(given === reply);
        return given;
      });
      expect((await app.inject('/')).payload).toBe('ok');
      expect(returned).toEqual([true]);
      await app.close();
    });

    it('may hijack the reply', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      app.get(
        '/',
        atomic(async (_request, reply) => {
          reply.hijack();
          await settled();
          reply.raw.end('raw');
        }),
      );
      expect((await app.inject('/')).payload).toBe('raw');
      await app.scheduler.idle();
      expect(logs).toEqual([]);
      await app.close();
    });

    it('may return a stream, or send one', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      app.get(
        '/returned',
        atomic(async () => Readable.from(['a', 'b'])),
      );
      app.get(
        '/sent',
        atomic(async (_request, reply) => reply.send(Readable.from(['a', 'b']))),
      );
      for (const path of ['/returned', '/sent']) {
        expect((await app.inject(path)).payload).toBe('ab');
      }
      expect(logs).toEqual([]);
      await app.close();
    });

    it('may hijack, return reply or return a stream from the queue as well', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin, { limit: 1 });
      const slot = deferred();
      app.get(
        '/hijack',
        atomic(async (_request, reply) => void reply.hijack().raw.end('ab')),
      );
      app.get(
        '/reply',
        atomic(async (_request, reply) => reply.send('ab')),
      );
      app.get(
        '/sync-reply',
        atomic((_request, reply) => reply.send('ab')),
      );
      app.get(
        '/stream',
        atomic(async () => Readable.from(['a', 'b'])),
      );
      app.scheduler.spawnNow(() => slot.promise);
      const paths = ['/hijack', '/reply', '/sync-reply', '/stream'];
      const answers = Promise.all(paths.map(async (path) => (await app.inject(path)).payload));
      await until(() => app.scheduler.pendingCount === paths.length);
      slot.resolve();
      expect(await answers).toEqual(paths.map(() => 'ab'));
      await app.scheduler.idle();
      expect(logs).toEqual([]);
      await app.close();
    });

    it('has the instance as its receiver', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const receivers: unknown[] = [];
      app.get(
        '/',
        atomic(async function (this: FastifyInstance) {
          receivers.push(this);
          return 'ok';
        }),
      );
      await app.inject('/');
      expect(receivers).toEqual([app]);
      expect(receivers[0]).toBe(app);
      await app.close();
    });

    it('that fails runs onError once and is logged once by the default handler', async () => {
      const { app, logs } = logged(framework);
      const seen: unknown[] = [];
      const error = new Error('boom');
      await app.register(jobsPlugin);
      app.addHook('onError', async (_request, _reply, each) => {
        seen.push(each);
      });
      app.get(
        '/',
        atomic(async () => {
          throw error;
        }),
      );
      expect((await app.inject('/')).statusCode).toBe(500);
      await settled();
      expect(seen).toEqual([error]);
      expect(logs.map(({ err }) => err?.message)).toEqual(['boom']);
      await app.close();
    });
  });
});
