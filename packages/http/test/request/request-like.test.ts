import { createServer, type IncomingMessage } from 'node:http';
import {
  after,
  getScheduler,
  getSchedulerFromRequest,
  jobsListener,
  SchedulerMissingError,
  spawn,
} from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { serve } from '../support/serve-jobs.ts';

// What the users of a framework hold, made of the raw request as the framework makes it.
const forms: [string, (raw: IncomingMessage) => object][] = [
  ['Node’s request', (raw) => raw],
  ['an Express request', (raw) => raw],
  ['a Fastify request', (raw) => ({ raw })],
  ['a Koa context', (raw) => ({ req: raw, request: { req: raw } })],
  ['a Koa request', (raw) => ({ req: raw })],
  ['a Hono context', (raw) => ({ env: { incoming: raw }, req: { raw: new Request('http://a') } })],
  ['a hapi request', (raw) => ({ raw: { req: raw } })],
  ['an event of h3 1 and Nitro 2', (raw) => ({ node: { req: raw } })],
  [
    'an event of h3 2',
    (raw) => ({ runtime: { node: { req: raw } }, req: new Request('http://a') }),
  ],
  ['a request of srvx', (raw) => ({ runtime: { node: { req: raw } } })],
  ['a response', (raw) => ({ req: raw })],
  ['a context with an Express request', (raw) => ({ req: raw })],
  ['a context with a Fastify request', (raw) => ({ req: { raw } })],
  ['a context that names it `request`', (raw) => ({ request: { raw } })],
  [
    'a GraphQL Yoga context',
    (raw) => ({ req: raw, request: new Request('http://a'), params: { query: '{ a }' } }),
  ],
];

describe('the scheduler of a request is found by', () => {
  it.each(forms)('%s', async (_, formOf) => {
    const ran: string[] = [];
    const listener = jobsListener((request, response) => {
      const form = formOf(request);
      expect(getScheduler(form)).toBe(listener.scheduler);
      expect(getSchedulerFromRequest(form)).toBe(listener.scheduler);
      after(form, () => ran.push('after'));
      void spawn(form, () => ran.push('job'));
      response.end('ok');
    });
    await using serving = await serve(createServer(listener), listener.scheduler);
    expect(await fetchFrom(serving, '/')).toMatchObject({ status: 200, body: 'ok' });
    await listener.scheduler.idle();
    expect(ran).toEqual(['job', 'after']);
  });
});

describe('no scheduler is found by', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['req'] = cyclic['raw'] = cyclic['request'] = cyclic;
  const strangers: [string, object][] = [
    ['an empty object', {}],
    ['an object that holds itself', cyclic],
    [
      'properties of other kinds',
      { env: 'production', raw: 1, req: null, node: true, runtime: '' },
    ],
    ['a Hono context without a server', { env: undefined, req: { raw: new Request('http://a') } }],
  ];
  it.each(strangers)('%s', (_, stranger) => {
    expect(getSchedulerFromRequest(stranger)).toBeUndefined();
    expect(() => getScheduler(stranger)).toThrow(SchedulerMissingError);
    expect(() => getScheduler(stranger)).toThrow('Add it before the handler');
  });

  it('a web Request, and the error says what to give instead', () => {
    const request = new Request('http://127.0.0.1/');
    for (const each of [request, { raw: request }]) {
      expect(() => spawn(each, () => {})).toThrow(SchedulerMissingError);
      expect(() => spawn(each, () => {})).toThrow(/web `Request`.*`c` in Hono/);
    }
  });
});
