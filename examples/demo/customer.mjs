// @ts-check
// A customer on a bare socket, so that hanging up is exactly that.
import { once } from 'node:events';
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
  // The status of the answer; NaN for none.
  const answer = once(socket, 'close').then(() => Number.parseInt(text.split(' ')[1] ?? '', 10));
  return { answer, hangUp: () => socket.destroy() };
}
