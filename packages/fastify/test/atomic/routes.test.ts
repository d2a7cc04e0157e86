import { connect } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { atomic, jobsPlugin, requestSignal } from '@outlive/fastify';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { logged } from '../support/logged-fastify.ts';
import { versions } from '../support/versions.ts';

describe.each(versions)('%s', (_name, framework) => {
  describe('a route whose config says `atomic`', () => {
    it('has a handler that runs as a job, with its own this and arguments', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      app.post('/', { config: { atomic: true } }, async function (request, reply) {
        expect(this).toBe(app);
        expect(app.scheduler.activeCount).toBe(1);
        return reply.code(201).send({ body: request.body });
      });
      app.get('/plain', async () => ({ active: app.scheduler.activeCount }));
      const answer = await app.inject({ method: 'POST', url: '/', payload: { x: 1 } });
      expect([answer.statusCode, answer.json()]).toEqual([201, { body: { x: 1 } }]);
      expect((await app.inject('/plain')).json()).toEqual({ active: 0 });
      expect(logs).toEqual([]);
      await app.close();
    });

    it('runs to its end although the client leaves, and close() waits for it', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const entered = deferred();
      const leave = deferred();
      const ended: boolean[] = [];
      app.get('/', { config: { atomic: true } }, async (request) => {
        const signal = requestSignal(request);
        entered.resolve();
        await leave.promise;
        ended.push(signal.aborted);
        return 'ok';
      });
      await app.listen({ port: 0, host: '127.0.0.1' });
      const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
      client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await entered.promise;
      client.destroy();
      await once(client, 'close');
      const closed = app.close();
      leave.resolve();
      await closed;
      expect(ended).toEqual([false]);
    });

    it('takes the options of atomic()', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const names: (string | undefined)[] = [];
      app.get('/', { config: { atomic: { name: 'charge', timeout: 20 } } }, async (request) => {
        names.push(...[...app.scheduler].map(({ name }) => name));
        await once(requestSignal(request), 'abort');
        requestSignal(request).throwIfAborted();
      });
      expect((await app.inject('/')).statusCode).toBe(503);
      expect(names).toEqual(['charge']);
      await app.close();
    });

    it.each([
      ['yes', /config\.atomic.*'yes'/],
      [null, /config\.atomic.*null/],
      [7, /config\.atomic.*7/],
      [{ overload: 'queue' }, /overload/],
      [{ timeout: -1 }, /timeout/],
      [{ timout: 1 }, /timout/],
    ])('is refused at its registration for a bad value: %j', async (value, message) => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      const config = { atomic: value as unknown as boolean };
      expect(() => app.get('/', { config }, async () => 'ok')).toThrow(message);
      await app.close();
    });

    it.each([false, undefined])('has its plain handler for `%s`', async (value) => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      app.get('/', { config: { atomic: value } }, async () => app.scheduler.activeCount);
      expect((await app.inject('/')).payload).toBe('0');
      await app.close();
    });

    it('is answered 503 where there is no room, and its errors are Fastify’s, once', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin, { limit: 1, pendingLimit: 0 });
      const config = { atomic: true };
      app.get('/', { config }, async () => {
        throw Object.assign(new Error('teapot'), { statusCode: 418 });
      });
      expect((await app.inject('/')).statusCode).toBe(418);
      const slot = deferred();
      app.scheduler.spawnNow(() => slot.promise);
      const refused = await app.inject('/');
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
      slot.resolve();
      await app.close();
      expect(logs.filter(({ level }) => level >= 50)).toHaveLength(1);
    });

    it('works with a schema, preHandlers, a child’s prefix and route()', async () => {
      const { app, logs } = logged(framework);
      await app.register(jobsPlugin);
      await app.register(
        async (child) => {
          child.route({
            method: ['POST', 'PUT'],
            url: '/x',
            config: { atomic: true },
            schema: {
              body: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
            },
            preHandler: async () => expect(app.scheduler.activeCount).toBe(0),
            handler: async (request) => ({ active: app.scheduler.activeCount, body: request.body }),
          });
        },
        { prefix: '/child' },
      );
      const payload = { n: '7' };
      const answer = await app.inject({ method: 'PUT', url: '/child/x', payload });
      expect(answer.json()).toEqual({ active: 1, body: { n: 7 } });
      const bad = await app.inject({ method: 'POST', url: '/child/x', payload: {} });
      expect(bad.statusCode).toBe(400);
      expect(logs).toEqual([]);
      await app.close();
    });

    it('of GET is atomic for HEAD too, and in one slot', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin, { limit: 1 });
      const counts: number[] = [];
      const config = Object.freeze({ atomic: true });
      app.get('/', { config, exposeHeadRoute: true }, async () => {
        counts.push(app.scheduler.size);
        return 'ok';
      });
      expect((await app.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(200);
      expect((await app.inject('/')).payload).toBe('ok');
      expect(counts).toEqual([1, 1]);
      await app.close();
    });

    it('with an atomic() handler besides runs in one slot', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin, { limit: 1 });
      const handler = atomic(async () => ({ size: app.scheduler.size }));
      app.get('/', { config: { atomic: true } }, handler);
      expect((await app.inject('/')).json()).toEqual({ size: 1 });
      await app.close();
    });

    it('belongs to the scheduler of its own plugin, under encapsulation', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      for (const name of ['a', 'b']) {
        await app.register(async (child) => {
          await child.register(jobsPlugin, { name });
          child.get(`/${name}`, { config: { atomic: true } }, async () => [
            app.scheduler.size,
            ...[...child.scheduler].map(({ id }) => `${name}${id}`),
          ]);
        });
      }
      expect((await app.inject('/a')).json()).toEqual([0, 'a1']);
      expect((await app.inject('/b')).json()).toEqual([0, 'b1']);
      await app.close();
    });

    it('sends its late reply in callback style', async () => {
      const { app } = logged(framework);
      await app.register(jobsPlugin);
      app.get('/', { config: { atomic: true } }, (_request, reply) => {
        setImmediate(() => void reply.send(String(app.scheduler.activeCount >= 0)));
      });
      expect((await app.inject('/')).payload).toBe('true');
      await until(() => app.scheduler.activeCount === 0);
      await app.close();
    });

    it('registered before the plugin is answered with an error that says so', async () => {
      const { app, logs } = logged(framework);
      void app.register(jobsPlugin);
      app.get('/', { config: { atomic: true } }, async () => 'ok');
      app.get('/plain', async () => 'ok');
      expect((await app.inject('/')).statusCode).toBe(500);
      expect(logs.at(-1)?.err?.message).toMatch(/registered before `jobsPlugin`/);
      expect((await app.inject('/plain')).payload).toBe('ok');
      expect((await app.inject('/missing')).statusCode).toBe(404);
      await app.close();
    });
  });

  it('a not-found handler is made atomic by atomic()', async () => {
    const { app } = logged(framework);
    await app.register(jobsPlugin);
    app.setNotFoundHandler(
      atomic(async (_request, reply) => reply.code(404).send(String(app.scheduler.activeCount))),
    );
    expect((await app.inject('/missing')).payload).toBe('1');
    await app.close();
  });
});
