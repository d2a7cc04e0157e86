// @ts-check
// A customer who asks again and again: over one connection until that ends, or over a new one each time.
import { connect } from 'node:net';

/** How long a server that closes waits for the first request of a connection, in ms. */
const firstRequestWithin = 50;

/**
 * Asks until the server takes no connection any more, or the signal aborts.
 * @param {number} port
 * @param {AbortSignal} signal
 * @param {Orders} orders
 */
export async function ask(port, signal, orders) {
  while (!signal.aborted && (await askOnOneConnection(port, signal, orders)));
}

/**
 * @typedef {object} Orders
 * @property {boolean} keeps whether a connection is kept for the next order
 * @property {number} answered
 * @property {{ port: number, isFirst: boolean }[]} lost those without an answer, by the customer's own port; `isFirst`: the
 *   first of its connection, and sent in time
 */

/**
 * Gives whether a connection was made.
 * @param {number} port
 * @param {AbortSignal} signal
 * @param {Orders} orders
 * @returns {Promise<boolean>}
 */
function askOnOneConnection(port, signal, orders) {
  const startedAt = performance.now();
  const socket = connect(port, '127.0.0.1');
  let connected = false;
  let asked = 0;
  let isInTime = false;
  let isOpen = false;
  let ownPort = 0;
  const connection = orders.keeps ? 'keep-alive' : 'close';
  const order = () => {
    asked += 1;
    isOpen = true;
    socket.write(
      `POST /orders/${asked} HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nConnection: ${connection}\r\n\r\n`,
    );
  };
  let received = '';
  return new Promise((resolve) => {
    socket.setEncoding('latin1').on('error', () => {});
    socket.on('connect', () => {
      connected = true;
      ownPort = socket.localPort ?? 0;
      order();
      // A busy machine may have held this process up.
      isInTime = performance.now() - startedAt < firstRequestWithin;
    });
    socket.on('data', (chunk) => {
      received += chunk;
      if (!isWhole(received)) return;
      isOpen = false;
      orders.answered += 1;
      const isLast = /^connection: close$/im.test(received);
      received = '';
      if (signal.aborted) socket.destroy();
      else if (!isLast) order();
    });
    socket.on('close', () => {
      if (connected && isOpen) {
        orders.lost.push({ port: ownPort, isFirst: asked === 1 && isInTime });
      }
      resolve(connected);
    });
  });
}

/**
 * Whether an answer has come in full.
 * @param {string} received
 */
function isWhole(received) {
  const [head = '', body = ''] = received.split(/\r\n\r\n(.*)/s);
  if (!received.includes('\r\n\r\n')) return false;
  if (/^transfer-encoding: chunked$/im.test(head)) return body.endsWith('0\r\n\r\n');
  return body.length >= Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
}
