import { createServer, type RequestListener } from 'node:http';
import * as ofExpress from '@outlive/express';
import * as ofFastify from '@outlive/fastify';
import * as ofHttp from '@outlive/http';
import * as ofKoa from '@outlive/koa';
import express from 'express';
import express4 from 'express4';
import { fastify } from 'fastify';
import { fastify as fastify4 } from 'fastify4';
import Koa from 'koa';
import Koa2 from 'koa2';
import { fetchFrom } from '@outlive/test-support/client';
import { closeServer, listening, portOf } from '@outlive/test-support/server';

/** Whatever a caller without types gives. */
// oxlint-disable-next-line typescript/no-explicit-any -- that is the point
type Bad = any;

/** What an app does with what it is given as a middleware: its status, and the error of the first request. */
type Use = (middleware: Bad) => Promise<{ status: number | undefined; message: string }>;

async function request(listener: RequestListener, errors: unknown[]): ReturnType<Use> {
  const server = await listening(createServer(listener));
  const { status } = await fetchFrom({ port: portOf(server) }, '/');
  await closeServer(server);
  return { status, message: errors.map(String).join('\n') };
}

function withExpress(framework: typeof express): Use {
  return async (middleware) => {
    const errors: unknown[] = [];
    const app = framework();
    app.use(middleware);
    app.get('/', (_req, res) => {
      res.send('ok');
    });
    app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      errors.push(error);
      res.sendStatus(500);
    });
    return request(app, errors);
  };
}

function withKoa(Framework: typeof Koa): Use {
  return async (middleware) => {
    const errors: unknown[] = [];
    const app = new Framework().on('error', (error) => errors.push(error));
    app.use(middleware);
    app.use((ctx) => {
      ctx.body = 'ok';
    });
    return request((req, res) => void app.callback()(req, res), errors);
  };
}

function withFastify(framework: typeof fastify): Use {
  return async (plugin) => {
    const app = framework();
    try {
      await app.register(plugin);
      await app.ready();
      return { status: undefined, message: '' };
    } catch (error) {
      return { status: undefined, message: String(error) };
    }
  };
}

const frameworks: readonly [string, Use, string][] = [
  ['Express 4', withExpress(express4 as unknown as typeof express), '@outlive/express'],
  ['Express 5', withExpress(express), '@outlive/express'],
  ['Koa 2', withKoa(Koa2 as unknown as typeof Koa), '@outlive/koa'],
  ['Koa 3', withKoa(Koa), '@outlive/koa'],
  ['Fastify 4', withFastify(fastify4 as unknown as typeof fastify), '@outlive/fastify'],
  ['Fastify 5', withFastify(fastify), '@outlive/fastify'],
];

const middleware: readonly [string, () => unknown][] = [
  ['@outlive/express', () => ofExpress.jobsMiddleware()],
  ['@outlive/koa', () => ofKoa.jobsMiddleware()],
  ['@outlive/fastify', () => ofFastify.jobsPlugin],
];

describe.each(frameworks)('%s', (name, use, right) => {
  it.each(middleware.filter(([from]) => from !== right))(
    'that is given the middleware of %s says which is the right one',
    async (_, make) => {
      const { status, message } = await use(make());
      expect(message).toMatch(
        /TypeError: The (jobs middleware|plugin) of @outlive\/\w+ was called by/,
      );
      expect(message).toContain(right);
      expect(status).toBe(name.startsWith('Fastify') ? undefined : 500);
    },
  );

  if (!name.startsWith('Fastify')) {
    it.each([
      ['@outlive/express', ofExpress.jobsMiddleware],
      ['@outlive/koa', ofKoa.jobsMiddleware],
    ])('that is given jobsMiddleware of %s, uncalled, says so', async (_, jobsMiddleware) => {
      const { status, message } = await use(jobsMiddleware);
      expect(message).toContain('call it, `app.use(jobsMiddleware())`');
      expect(status).toBe(500);
    });

    it.each([
      ['readiness', ofExpress.readiness, 'call it, `readiness(shutdown)`'],
      ['readiness of Koa', ofKoa.readiness, 'call it, `readiness(shutdown)`'],
      ['atomic', ofExpress.atomic, 'atomic(handler)'],
      ['atomic of Koa', ofKoa.atomic, 'atomic(handler)'],
    ])('that is given %s, uncalled, says so', async (_, given, advice) => {
      const { status, message } = await use(given);
      expect(message).toContain(advice);
      expect(status).toBe(500);
    });
  }
});

describe('jobsPlugin', () => {
  it('called by the user says that it is to be registered', () => {
    expect(() => (ofFastify.jobsPlugin as Bad)()).toThrow(/is called by its framework alone/);
  });
});

describe('jobsListener', () => {
  it('used as a listener says that it only makes one', () => {
    const req = { method: 'GET', headers: {} } as Bad;
    expect(() => ofHttp.jobsListener(req, {} as Bad)).toThrow(
      /createServer\(jobsListener\(listener\)\)/,
    );
  });
});

const setUps: readonly [string, (options: Bad) => unknown][] = [
  ['jobsMiddleware() of Express', ofExpress.jobsMiddleware],
  ['jobsMiddleware() of Koa', ofKoa.jobsMiddleware],
  ['jobsListener()', (options) => ofHttp.jobsListener(() => {}, options)],
  ['setup() of Express', (options) => ofExpress.setup(express(), options)],
  ['setup() of Koa', (options) => ofKoa.setup(new Koa(), options)],
];

describe.each(setUps)('%s refuses at set-up', (_, setUp) => {
  it.each([
    ['a misspelt option', { concurrency: 5 }, /Unknown option `concurrency`.*`limit`/],
    ['one of drainOnClose', { drainOnclose: true }, /`drainOnClose`/],
    ['one of another call', { onShutdown() {} }, /Unknown option `onShutdown`/],
    ['a promise of a scheduler', Promise.resolve(new ofHttp.Scheduler()), /await it first/],
    ['a promise as scheduler', { scheduler: Promise.resolve() }, /`scheduler`.*await it first/],
    ['a Map', new Map([['limit', 5]]), /an object or a Scheduler, got Map/],
    ['a Date', new Date(), /an object or a Scheduler/],
    ['an app', Object.assign(() => {}, { settings: 'x'.repeat(9_999) }), /or a Scheduler, got \[/],
    ['the class of schedulers', ofHttp.Scheduler, /got \[class Scheduler\]/],
    ['a string', 'fast', /an object or a Scheduler, got 'fast'/],
  ])('%s', (__, options, message) => {
    expect(() => setUp(options)).toThrow(TypeError);
    expect(() => setUp(options)).toThrow(message);
  });
});

const apps: readonly [string, () => Bad, RegExp][] = [
  ['an Express 4 app', () => express4(), /one of Express.*@outlive\/express/],
  ['an Express 5 app', () => express(), /one of Express.*@outlive\/express/],
  ['a Koa 2 app', () => new Koa2(), /one of Koa.*@outlive\/koa/],
  ['a Koa 3 app', () => new Koa(), /one of Koa.*@outlive\/koa/],
  ['a Fastify 4 instance', () => fastify4(), /one of Fastify.*jobsPlugin.*@outlive\/fastify/],
  ['a Fastify 5 instance', () => fastify(), /one of Fastify.*jobsPlugin.*@outlive\/fastify/],
  ['a server', () => createServer(), /a server of node:http.*jobsListener.*@outlive\/http/],
];

describe.each([
  ['Express', ofExpress, /an Express \d/],
  ['Koa', ofKoa, /a Koa \d/],
] as const)('of %s', (name, { setup, getSchedulerFromApp }, own) => {
  describe.each(apps.filter(([what]) => !own.test(what)))('%s', (_, make, message) => {
    it('is refused by setup(), which changes nothing', () => {
      const app = make();
      const { listen } = app;
      expect(() => setup(app)).toThrow(TypeError);
      expect(() => setup(app)).toThrow(message);
      expect(app.listen).toBe(listen);
    });

    it('is refused by getSchedulerFromApp()', () => {
      expect(() => getSchedulerFromApp(make())).toThrow(message);
    });
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['the options', { limit: 5 }],
    ['a Router', express.Router()],
    ['a promise of an app', Promise.resolve()],
  ])('setup() refuses %s', (_, app) => {
    expect(() => setup(app as Bad)).toThrow(
      `Expected \`app\` to be ${name === 'Koa' ? 'a Koa' : 'an Express'} app`,
    );
  });

  it('setup() takes what can be used as an app', () => {
    const app = { use: jest.fn(), listen: () => createServer() };
    expect(setup(app as Bad, { limit: 3 }).limit).toBe(3);
    expect(app.use).toHaveBeenCalledTimes(1);
  });
});

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify],
  ['Fastify 5', fastify],
])('jobsPlugin of %s', (_, framework) => {
  it.each([
    [{ concurrency: 5 }, /Unknown option `concurrency`.*`limit`/],
    [{ scheduler: Promise.resolve() }, /`scheduler`.*await it first/],
    [{ scheduler: {} }, /`scheduler` to be a Scheduler/],
  ])('refuses %p', async (options: Bad, message) => {
    await expect(framework().register(ofFastify.jobsPlugin, options)).rejects.toThrow(message);
  });

  it('takes what register() itself reads', async () => {
    const app = framework();
    await app.register(ofFastify.jobsPlugin, {
      prefix: '/jobs',
      logLevel: 'warn',
      logSerializers: {},
      limit: 3,
    });
    expect(app.scheduler.limit).toBe(3);
    await app.close();
  });
});

describe('atomic', () => {
  const atomics: readonly [string, Bad][] = [
    ['node:http', ofHttp.atomic],
    ['Express', ofExpress.atomic],
    ['Koa', ofKoa.atomic],
    ['Fastify', ofFastify.atomic],
  ];
  it.each(atomics)('of %s refuses a promise, and says why', (_, atomic) => {
    const called = Promise.resolve();
    expect(() => atomic(called)).toThrow(
      /`handler` to be a function.*got a Promise.*called already/,
    );
    expect(() => atomic(called, { timeout: 5 })).toThrow(/called already/);
  });

  it.each(atomics)('of %s refuses unknown options, with the right one', (_, atomic) => {
    expect(() => atomic(() => {}, { timout: 5 })).toThrow(/`timout`.*Did you mean `timeout`/);
    expect(() => atomic({ skipdisconnected: true })).toThrow(/Did you mean `skipDisconnected`/);
    expect(() => atomic(() => {}, new Map())).toThrow(TypeError);
    expect(() => atomic(() => {}, Promise.resolve())).toThrow(TypeError);
    expect(() => atomic({ limit: 5 })).toThrow(/Unknown option `limit`/);
  });
});
