import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { Scheduler } from '@outlive/core';
import { inspector, inspectorPlugin } from '@outlive/inspector';
import express, { type Request } from 'express';
import { expectTypeOf } from 'expect-type';
import { fastify, type FastifyRequest } from 'fastify';
import Koa, { type Context } from 'koa';
import mount from 'koa-mount';

const scheduler = new Scheduler();

it('is what each framework takes, and asks about a request of that framework', async () => {
  const page = inspector(scheduler, {
    authorize: (request) => {
      expectTypeOf(request).toEqualTypeOf<IncomingMessage>();
      return true;
    },
  });
  expectTypeOf(page).toExtend<RequestListener>();
  createServer(page);

  const ofExpress = inspector(scheduler, { authorize: (req: Request) => req.secure });
  const app = express();
  app.use('/_jobs', ofExpress);
  app.use(ofExpress);
  express.Router().use('/_jobs', ofExpress);

  const ofKoa = inspector(scheduler, { authorize: async (ctx: Context) => ctx.secure });
  new Koa().use(mount('/_jobs', ofKoa)).use(ofKoa);

  await fastify().register(inspectorPlugin, {
    prefix: '/_jobs',
    scheduler: [scheduler],
    authorize: (request: FastifyRequest) => request.url !== '',
  });
  // @ts-expect-error -- a scheduler, or schedulers
  expect(() => inspector('web', { readOnly: true })).toThrow(TypeError);
  // @ts-expect-error -- a boolean
  inspector(scheduler, { authorize: () => 'yes' });
});
