// A NestJS app on one platform, with the recipes of docs/nestjs.md, as check-nest.mjs builds it.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Body,
  Controller,
  Get,
  HttpException,
  Module,
  type OnModuleDestroy,
  Param,
  Post,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import * as express from '@outlive/express';
import * as fastify from '@outlive/fastify';
import { requestSignal, Scheduler, spawn } from '@outlive/http';
import { AtomicInterceptor } from './AtomicInterceptor';
import { OrdersController } from './OrdersController';
import { PaymentsController } from './PaymentsController';

const onFastify = process.argv[2] === 'fastify';
const { atomic, gracefulShutdown } = onFastify ? fastify : express;
const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
const events: unknown[] = [];

@Controller('own')
class OwnController {
  @Get('intercepted')
  @UseInterceptors(AtomicInterceptor)
  async intercepted(): Promise<object> {
    if (scheduler.activeCount !== 1) throw new Error('not a job');
    throw new HttpException('teapot', 418);
  }

  @Get('atomic')
  @atomic
  async atomic(@Req() _request: object): Promise<void> {
    throw new HttpException('teapot', 418);
  }

  // The other way round: the route is known all the same.
  @atomic
  @Get('outer/:id')
  async outer(
    @Param('id') id: string,
    @Body() _body: unknown,
    @Param() _all: object,
    @Req() request: object,
  ): Promise<object> {
    return { id, size: scheduler.size, aborted: requestSignal(request).aborted };
  }

  @Get('both')
  @UseInterceptors(AtomicInterceptor)
  @atomic
  async both(@Req() _request: object): Promise<object> {
    return { size: scheduler.size };
  }

  @Get('slow')
  @UseInterceptors(AtomicInterceptor)
  async slow(@Req() request: object): Promise<string> {
    const signal = requestSignal(request);
    events.push('entered');
    await sleep(200);
    events.push(`ended, aborted: ${signal.aborted}`);
    return 'done';
  }

  @Post('job')
  async job(@Req() request: object): Promise<void> {
    await spawn(request, async () => {
      await sleep(200);
      events.push('job');
    });
  }
}

@Module({ controllers: [OwnController, OrdersController, PaymentsController] })
class AppModule implements OnModuleDestroy {
  onModuleDestroy(): void {
    events.push('onModuleDestroy');
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

async function main(): Promise<void> {
  const options = { logger: ['fatal' as const] };
  let app;
  if (onFastify) {
    const platform = new FastifyAdapter();
    app = await NestFactory.create<NestFastifyApplication>(AppModule, platform, options);
    await app.register(fastify.jobsPlugin, { scheduler });
  } else {
    app = await NestFactory.create(AppModule, options);
    app.use(express.jobsMiddleware(scheduler));
  }
  await app.listen(0, '127.0.0.1');
  const handle = gracefulShutdown(app.getHttpServer(), { onShutdown: () => app.close() });
  const url = await app.getUrl();
  const post = (path: string, body: object): Promise<Response> =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  assert.equal((await post('/orders', { email: 'a@b.c' })).status, 202);
  await scheduler.idle();
  const paid = await post('/payments', { card: '42' });
  assert.deepEqual([paid.status, await paid.json()], [201, { paid: true }]);

  for (const path of ['/own/intercepted', '/own/atomic']) {
    const response = await fetch(url + path);
    assert.equal(response.status, 418, path);
    assert.equal((await response.json()).message, 'teapot', path);
  }
  const outer = await fetch(`${url}/own/outer/7`);
  assert.deepEqual(await outer.json(), { id: '7', size: 1, aborted: false });
  assert.deepEqual(await (await fetch(`${url}/own/both`)).json(), { size: 1 });

  // No room.
  const leave = new AbortController();
  scheduler.spawnNow(({ signal }) => once(signal, 'abort'), { signal: leave.signal });
  for (const path of ['/own/intercepted', '/own/atomic']) {
    const refused = await fetch(url + path);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1'], path);
  }
  leave.abort();
  await scheduler.idle();

  // A client that leaves.
  const request = get(`${url}/own/slow`).on('error', () => {});
  await until(() => events.includes('entered'));
  request.destroy();
  await until(() => events.length === 2);
  assert.deepEqual(events.splice(0), ['entered', 'ended, aborted: false']);
  await scheduler.idle();

  // The end: jobs first.
  assert.equal((await post('/own/job', {})).status, 201);
  const report = await handle.shutdown();
  assert.deepEqual(events, ['job', 'onModuleDestroy']);
  assert.deepEqual([report.cancelled.length, report.abandoned.length], [0, 0]);
  assert.equal(process.exitCode ?? 0, 0);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
