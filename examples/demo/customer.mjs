// @ts-check
// A customer on a bare socket, so that hanging up is exactly that.
import { connect } from 'node:net';

/**
 * @param {number} port
 * @param {import('./shop.mjs').Order} order
 */
export function placeOrder(port, order) {
  const body = JSON.stringify(order);
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(
    'POST /orders HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // 'close' follows, and no answer is an answer.
  socket.on('error', () => undefined);
  /** @type {Promise<string | undefined>} */
  const answer = new Promise((resolve) => {
    socket.once('close', () => resolve(text.split(' ')[1]));
  });
  return { answer, hangUp: () => socket.destroy() };
}
