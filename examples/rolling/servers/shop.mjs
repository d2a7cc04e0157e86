// @ts-check
// One server, in a process of its own: node shop.mjs <framework> with|without <ledger> [delay] [file]
// Where a file is named, the ports of the customers whose connections it accepts are noted there.
import { appendFileSync } from 'node:fs';
import { once } from 'node:events';
import { bookOrder, deliverOrder } from '../work.mjs';
import * as express from './express.mjs';
import * as fastify from './fastify.mjs';
import * as http from './http.mjs';
import * as koa from './koa.mjs';

/**
 * @typedef {object} Shop
 * @property {() => Promise<void>} book what the customer waits for
 * @property {(id: string) => Promise<void>} deliver what is done after the answer
 * @property {number} delay of normal service after the signal
 */

const [framework = '', mode, ledger = '', delay = '1000', accepted] = process.argv.slice(2);
const servers = { express, fastify, http, koa };
const { serveWithOutlive, serveWithout } =
  servers[/** @type {'express' | 'fastify' | 'http' | 'koa'} */ (framework)];
const shop = {
  book: bookOrder,
  /** @param {string} id */
  deliver: (id) => deliverOrder(ledger, id),
  delay: Number(delay),
};

const server = await (mode === 'with' ? serveWithOutlive(shop) : serveWithout(shop));
if (accepted !== undefined) {
  server.on('connection', ({ remotePort }) => appendFileSync(accepted, `${remotePort}\n`));
}
if (!server.listening) await once(server, 'listening');
console.log(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
