import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { text } from 'node:stream/consumers';
import { Scheduler } from '@outlive/core';
import { inspector } from '@outlive/inspector';
import express from 'express';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import mount from 'koa-mount';
import { fetchFrom } from '@outlive/test-support/client';
import { closeServer, listen, portOf } from '@outlive/test-support/server';
import { act } from './support/act.ts';
import { Stream } from './support/stream.ts';

const authorize = (): boolean => true;

/** Sets the limit as the page does, and gives what was answered. */
async function setLimit(port: number): Promise<unknown> {
  using stream = await Stream.open({ port });
  const token = stream.hello?.token ?? '';
  const asked = { action: 'limit', source: 0, limit: 7 };
  const { body } = await act({ port } as never, asked, { 'x-outlive-token': token });
  return JSON.parse(body);
}

it('works behind parsers of bodies, in Express', async () => {
  const scheduler = new Scheduler();
  const app = express();
  app.use(express.json(), express.text(), express.urlencoded());
  app.use('/_jobs', inspector(scheduler, { authorize }));
  const server = createServer(app);
  expect(await setLimit(await listen(server))).toEqual({ done: true });
  expect(scheduler.limit).toBe(7);
  await closeServer(server);
});

it('works behind parsers of bodies, in Koa', async () => {
  const scheduler = new Scheduler();
  const app = new Koa();
  app.use(bodyParser()).use(mount('/_jobs', inspector(scheduler, { authorize })));
  const server = createServer((req, res) => void app.callback()(req, res));
  expect(await setLimit(await listen(server))).toEqual({ done: true });
  expect(scheduler.limit).toBe(7);
  await closeServer(server);
});

it('keeps its own policy below the one of an app, and leaves other requests to it', async () => {
  const app = express();
  app.use((_req, res, next) => {
    res.setHeader('Content-Security-Policy', "script-src 'none'");
    next();
  });
  app.use(inspector(new Scheduler(), { authorize }));
  app.get('/shop', (_req, res) => void res.send('shop'));
  const server = createServer(app);
  const port = await listen(server);
  const page = await fetchFrom({ port }, '/');
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  const shop = await fetchFrom({ port }, '/shop');
  expect([shop.body, shop.headers['content-security-policy']]).toEqual([
    'shop',
    "script-src 'none'",
  ]);
  await closeServer(server);
});

it('may be the handler of routes', async () => {
  const app = express();
  const page = inspector(new Scheduler(), { authorize });
  app.get(['/_jobs', '/_jobs/', '/_jobs/:file'], page);
  const server = createServer(app);
  const port = await listen(server);
  expect((await fetchFrom({ port }, '/_jobs')).headers.location).toBe('./_jobs/');
  expect((await fetchFrom({ port }, '/_jobs/')).body).toContain('app.js');
  expect((await fetchFrom({ port }, '/_jobs/app.css')).status).toBe(200);
  await closeServer(server);
});

it('may be the handler of routes of a router that is mounted, and of middleware behind a route', async () => {
  const app = express();
  const page = inspector(new Scheduler(), { authorize });
  const router = express.Router();
  router.get(['/_jobs', '/_jobs/', '/_jobs/:file'], page);
  app.use('/admin', router);
  app.all('*splat', (_req, _res, next) => next());
  app.use('/mounted', page);
  app.use('/called', (req, res) => page(req, res));
  app.use(page);
  const server = createServer(app);
  const port = await listen(server);
  for (const place of ['/admin/_jobs', '/mounted', '/called']) {
    const moved = await fetchFrom({ port }, place);
    expect([place, moved.headers.location]).toEqual([place, `./${place.split('/').at(-1)}/`]);
    expect((await fetchFrom({ port }, `${place}/`)).body).toContain('app.js');
    expect((await fetchFrom({ port }, `${place}/app.css`)).status).toBe(200);
  }
  expect((await fetchFrom({ port }, '/')).body).toContain('app.js');
  expect((await fetchFrom({ port }, '/shop')).status).toBe(404);
  await closeServer(server);
});

it('is served over HTTP/2', async () => {
  const page = inspector(new Scheduler({ name: 'web' }), { authorize });
  const server = createHttp2Server((req, res) => void page(req as never, res as never));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect(`http://127.0.0.1:${portOf(server)}`);
  expect(await text(client.request({ ':path': '/_jobs/' }))).toContain('app.js');
  const events = client.request({ ':path': '/_jobs/events' });
  const [first] = (await once(events.setEncoding('utf8'), 'data')) as [string];
  expect(first).toMatch(/^event: hello\ndata: .*"web"/);
  events.close();
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
