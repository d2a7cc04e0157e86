import { bullmqBackend } from '@outlive/durable';

describe('bullmqBackend()', () => {
  it.each([
    [{}, /`connection` to be a redis: URL, options or a client of ioredis, or .*, got undefined/],
    [{ connection: '' }, /`connection` to be/],
    [{ connection: 'localhost:6379' }, /`connection` to be/],
    [{ connection: { host: 'x', database: 3 } }, /has no option `database`. Did you mean `db`\?/],
    [{ connection: { url: 'redis://x' } }, /has no option `url`. Did you mean `store`\?/],
    [{ connection: { duplicate() {}, isOpen: true } }, /`connection` to be a client of ioredis/],
    [{ connection: 'redis://x', prefix: '' }, /`prefix` to be/],
    [{ connection: 'redis://x', commandTimeout: 0 }, /`commandTimeout` to be/],
  ])('refuses %p', (options, message) => {
    expect(() => bullmqBackend(options as never)).toThrow(message);
  });
});
