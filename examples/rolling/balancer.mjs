// @ts-check
// What stands in front of the servers: deals new connections out to those that say that they are ready.
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const probeEvery = 50;

export class Balancer {
  connectionCount = 0;
  /** @type {Map<number, boolean>} whether the server on this port is ready */
  #servers = new Map();
  #listener = createServer({ allowHalfOpen: true }, (client) => this.#passOn(client));

  /** Resolves to the port that clients connect to. */
  async listen() {
    await once(this.#listener.listen(0, '127.0.0.1'), 'listening');
    return /** @type {import('node:net').AddressInfo} */ (this.#listener.address()).port;
  }

  /**
   * Probes a server from now on; resolves when it is ready for the first time.
   * @param {number} port
   */
  async add(port) {
    this.#servers.set(port, await isReady(port));
    void this.#probe(port);
    while (this.#servers.get(port) === false) await sleep(probeEvery);
  }

  /** @param {number} port */
  remove(port) {
    this.#servers.delete(port);
  }

  close() {
    this.#servers.clear();
    this.#listener.close();
  }

  /** @param {number} port */
  async #probe(port) {
    while (this.#servers.has(port)) {
      const ready = await isReady(port);
      if (this.#servers.has(port)) this.#servers.set(port, ready);
      await sleep(probeEvery);
    }
  }

  /** @param {import('node:net').Socket} client */
  #passOn(client) {
    this.connectionCount += 1;
    const ready = [...this.#servers].filter(([, isUp]) => isUp).map(([port]) => port);
    const port = ready[this.connectionCount % ready.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of /** @type {const} */ ([
      [client, server],
      [server, client],
    ])) {
      from.setNoDelay(true).pipe(to);
      from.on('error', () => to.destroy());
    }
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isReady(port) {
  return new Promise((resolve) => {
    const asked = { host: '127.0.0.1', port, path: '/ready', agent: false, timeout: 10_000 };
    const probe = get(asked, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on('error', () => resolve(false));
    probe.on('timeout', () => probe.destroy());
  });
}
