// @ts-check
// The same hello-world handler in each framework: plain, without us, and atomic.
import { createRequire } from 'node:module';

/** @typedef {'plain' | 'atomic'} Kind */
/** @typedef {import('node:http').RequestListener} RequestListener */

const require = createRequire(import.meta.url);
const unlimited = { limit: Infinity };

/** @type {Record<string, (kind: Kind) => Promise<RequestListener>>} */
export const apps = {
  'node:http': async (kind) => {
    const { atomic, jobsListener } = await import('@outlive/http');
    if (kind === 'atomic') return jobsListener(atomic(helloHttp), unlimited);
    return (request, response) => void helloHttp(request, response);
  },

  express: async (kind) => {
    const { default: express } = await import('express');
    const { atomic, jobsMiddleware } = await import('@outlive/express');
    const app = express();
    if (kind === 'atomic') app.use(jobsMiddleware(unlimited));
    app.get('/', kind === 'atomic' ? atomic(helloExpress) : helloExpress);
    return app;
  },

  koa: async (kind) => {
    const { default: Koa } = await import('koa');
    const { atomic, jobsMiddleware } = await import('@outlive/koa');
    const app = new Koa();
    if (kind === 'atomic') app.use(jobsMiddleware(unlimited));
    app.use(kind === 'atomic' ? atomic(helloKoa) : helloKoa);
    const callback = app.callback();
    return (request, response) => void callback(request, response);
  },

  fastify: async (kind) => {
    /** @type {typeof import('fastify')} */
    const { fastify } = require('fastify');
    const { atomic, jobsPlugin } = await import('@outlive/fastify');
    const app = fastify();
    if (kind === 'atomic') await app.register(jobsPlugin, unlimited);
    app.get('/', kind === 'atomic' ? atomic(helloFastify) : helloFastify);
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

/** @param {unknown} _request @param {import('node:http').ServerResponse} response */
async function helloHttp(_request, response) {
  response.setHeader('content-type', 'text/plain');
  response.end('hello');
}

/** @param {unknown} _request @param {import('express').Response} response */
async function helloExpress(_request, response) {
  response.send('hello');
}

/** @param {import('koa').Context} context */
async function helloKoa(context) {
  context.body = 'hello';
}

async function helloFastify() {
  return 'hello';
}
