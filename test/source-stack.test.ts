// Under debug a failure says where its job comes from: in the file of the user, through whichever package it went.
import { createServer, get, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type ExceptionContext, Scheduler } from '@outlive/core';
import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import * as forExpress from '@outlive/express';
import * as forFastify from '@outlive/fastify';
import * as forNode from '@outlive/http';
import * as forKoa from '@outlive/koa';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';

const fails = async (): Promise<never> => {
  throw new Error('boom');
};
const never = (): Promise<void> => new Promise(() => {});

beforeAll(() => {
  process.env['OUTLIVE_DEBUG'] = '1';
});

afterAll(() => {
  delete process.env['OUTLIVE_DEBUG'];
});

function listening(): { scheduler: Scheduler; firstFrames: string[] } {
  const firstFrames: string[] = [];
  const exceptionHandler = ({ message, sourceStack = '' }: ExceptionContext): void => {
    firstFrames.push(`${message} ${sourceStack.split('\n')[0]?.trim()}`);
  };
  return { scheduler: new Scheduler({ exceptionHandler, closeTimeout: 10 }), firstFrames };
}

/** Sends one request, and closes the scheduler, which gives up on the handler. */
async function request(listener: RequestListener, scheduler: Scheduler): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  await new Promise<void>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    get({ host: '127.0.0.1', port, agent: false }, (res) => res.resume().on('end', resolve)).on(
      'error',
      reject,
    );
  });
  await scheduler.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

type Kit = Pick<typeof forNode, 'after' | 'spawn'>;

async function useAll({ spawn, after }: Kit, req: object, answer: () => void): Promise<void> {
  await spawn(req, fails);
  after(req, fails);
  const job = defineJob('local', (_payload: object) => fails());
  await spawn(req, job, {});
  answer();
  await never();
}

const apps: Record<string, (scheduler: Scheduler) => Promise<RequestListener>> = {
  'node:http': async (scheduler) => {
    const handler = forNode.atomic((req, res) => useAll(forNode, req, () => res.end()));
    return forNode.jobsListener(handler, scheduler);
  },
  express: async (scheduler) => {
    const app = express();
    app.use(forExpress.jobsMiddleware(scheduler));
    app.get(
      '/',
      forExpress.atomic((req, res) => useAll(forExpress, req, () => res.end())),
    );
    return app;
  },
  koa: async (scheduler) => {
    const app = new Koa();
    app.use(forKoa.jobsMiddleware(scheduler));
    app.use(
      forKoa.atomic((ctx) => {
        ctx.respond = false;
        return useAll(forKoa, ctx, () => ctx.res.end());
      }),
    );
    const callback = app.callback();
    return (req, res) => void callback(req, res);
  },
  fastify: async (scheduler) => {
    const app = fastify();
    await app.register(forFastify.jobsPlugin, { scheduler });
    app.get(
      '/',
      forFastify.atomic(async (req, reply) => {
        reply.hijack();
        await useAll(forFastify, req, () => reply.raw.end());
      }),
    );
    await app.ready();
    return (req, res) => {
      app.routing(req, res);
    };
  },
};

describe('sourceStack, under debug,', () => {
  it.each(Object.keys(apps))('begins in the file of the user: %s', async (name) => {
    const { scheduler, firstFrames } = listening();
    await request(await (apps[name] as (typeof apps)[string])(scheduler), scheduler);
    const here = expect.stringMatching(/test\/source-stack\.test\.ts:\d+:\d+\)?$/) as string;
    expect(firstFrames).toEqual([here, here, here, here]);
    expect(firstFrames.at(-1)).toMatch(/^Job closing timed out/);
  });

  it('begins where the job was defined, if a store gave it', async () => {
    const { firstFrames, scheduler } = listening();
    const job = defineJob('stored', (_payload: object) => fails(), { retries: 0 });
    const { exceptionHandler } = scheduler;
    const failed = new Promise<void>((resolve) => {
      void openJobs({
        jobs: [job],
        backend: memoryBackend(),
        exceptionHandler: (context, by) => {
          void exceptionHandler?.(context, by);
          resolve();
        },
      }).then(async (jobs) => {
        await jobs.enqueue(job, {});
        await failed;
        await jobs.close();
      });
    });
    await failed;
    expect(firstFrames[0]).toMatch(/test\/source-stack\.test\.ts:\d+:\d+\)?$/);
  });
});
