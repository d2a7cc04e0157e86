import { bullmqBackend, pgliteBackend, postgresBackend } from '@outlive/durable';
import { nameOfUrl, parseStoreAddress } from '../../src/engines/store-address.ts';

const secret = 'hunter2';

describe('the address of a store', () => {
  it.each([
    ['.jobs', { kind: 'directory', directory: '.jobs' }],
    [' /var/lib/jobs\n', { kind: 'directory', directory: '/var/lib/jobs' }],
    ['C:\\jobs', { kind: 'directory', directory: 'C:\\jobs' }],
    ['c:/jobs', { kind: 'directory', directory: 'c:/jobs' }],
    ['./a:b', { kind: 'directory', directory: './a:b' }],
    ['jobs//redis', { kind: 'directory', directory: 'jobs//redis' }],
    ['./~/null', { kind: 'directory', directory: './~/null' }],
    ['./127.0.0.1', { kind: 'directory', directory: './127.0.0.1' }],
    ['localhost', { kind: 'directory', directory: 'localhost' }],
    ['~jobs', { kind: 'directory', directory: '~jobs' }],
    ['host/user@shop', { kind: 'directory', directory: 'host/user@shop' }],
    ['postgres://host/shop', { kind: 'postgres', url: 'postgres://host/shop' }],
    ['POSTGRESQL://u:p@host/Shop', { kind: 'postgres', url: 'postgresql://u:p@host/Shop' }],
    ['postgres:///shop?host=/run', { kind: 'postgres', url: 'postgres:///shop?host=/run' }],
    ['postgres://u:p@/shop', { kind: 'postgres', url: 'postgres://u:p@/shop' }],
    [' redis://host:6379/2 ', { kind: 'redis', url: 'redis://host:6379/2' }],
    ['Rediss://host', { kind: 'redis', url: 'rediss://host' }],
    ['valkey://host', { kind: 'redis', url: 'redis://host' }],
    ['valkeys://host', { kind: 'redis', url: 'rediss://host' }],
  ])('may be %p', (given, address) => {
    expect(parseStoreAddress('store', given, 'such')).toEqual(address);
  });

  it.each([
    [`mysql://root:${secret}@host/shop`, 'a URL that begins with mysql://'],
    [`prisma+postgres://host/?api_key=${secret}`, 'a URL that begins with prisma+postgres://'],
    [`mongodb+srv://u:${secret}@host`, 'a URL that begins with mongodb+srv://'],
    [`"postgres://u:${secret}@host"`, 'a URL that begins with "postgres://'],
    ['file:./jobs', 'file:…'],
    ['sqlite::memory:', 'sqlite:…'],
    ['localhost:6379', 'localhost:…'],
    [`postgres:u:${secret}@host`, 'postgres:…'],
    [`127.0.0.1:5432/${secret}`, '127.0.0.1:…'],
    [`//u:${secret}@host/shop`, 'got a URL without its scheme'],
    ['//127.0.0.1:5432', 'got a URL without its scheme'],
    [`postgres//u:${secret}@host/shop`, 'got a URL without the colon of its scheme'],
    ['Redis//host', 'got a URL without the colon of its scheme'],
    [`:${secret}@host/shop`, 'got :…'],
    ['[::1]:6379', '[:…'],
    [':memory:', 'got :…'],
    ['undefined', "got 'undefined' (string)"],
    ['NaN', "got 'NaN' (string)"],
    ['false', "got 'false' (string)"],
    ['[object Promise]', "got '[object Promise]' (string)"],
    ['$DATABASE_URL', "got '$DATABASE_URL' (string)"],
    ['${DATABASE_URL}', "got '${DATABASE_URL}' (string)"],
    ['%DATABASE_URL%', "got '%DATABASE_URL%' (string)"],
    ['{{ database_url }}', "got '{{ database_url }}' (string)"],
    ['<database url>', "got '<database url>' (string)"],
    ['127.0.0.1', "got '127.0.0.1' (string)"],
    [`host=db dbname=shop password=${secret}`, 'got settings: host=…'],
    [`password=${secret} dbname=shop`, 'got settings: dbname=…'],
    [`Server=db;Database=shop;Password=${secret}`, 'got settings: Server=…'],
    ['~', "got '~' (string)"],
    ['~/.jobs', "got '~/.jobs' (string)"],
    ['jobs\0', 'got '],
    ['null', "got 'null' (string)"],
    ['', "got '' (string)"],
    [undefined, 'got undefined'],
  ])('is refused, never taken for a directory: %p', (given, got) => {
    const parse = (): unknown => parseStoreAddress('store', given, 'such');
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(got);
    expect(parse).not.toThrow(secret);
  });

  it.each([
    `postgres://u:${secret}/x@host/shop`,
    `redis://:${secret}#@host:port`,
    `postgres://u:1/${secret}@host/shop`,
    `postgres://u:1?${secret}@host/shop`,
    `redis://u:%${secret}@host`,
    `redis://u:${secret}@host:99999`,
    `redis://u:${secret}@:6379`,
  ])('is refused where it is no URL, as with a password that is not encoded: %p', (given) => {
    const parse = (): unknown => parseStoreAddress('store', given, 'such');
    expect(parse).toThrow(
      /^`store` is no URL: look at its host and port, and encode characters such as \/ # /,
    );
    expect(parse).not.toThrow(secret);
  });

  it('is refused where it names two databases of Redis', () => {
    const two = `redis://:${secret}@host/1?db=2`;
    expect(() => parseStoreAddress('store', two, 'such')).toThrow(
      '`store` names two databases of Redis: 1 and 2',
    );
    for (const url of ['redis://host/1?db=1', 'redis://host?db=2']) {
      expect(parseStoreAddress('store', url, 'such')).toMatchObject({ kind: 'redis', url });
    }
  });

  it.each(['abc', '1.5', '-1', '0/', 'var/run/redis.sock', '0?db=x'])(
    'is refused where its database is no number: redis://host/%s',
    (place) => {
      const url = `redis://:${secret}@host/${place}`;
      const parse = (): unknown => parseStoreAddress('store', url, 'such');
      expect(parse).toThrow(/`store` to be the number of a database of Redis/);
      expect(parse).not.toThrow(secret);
    },
  );

  it.each([NaN, -1, 1.5, '1', null])('is refused where `db` is no number: %p', (db) => {
    const connection = { host: 'host', db } as unknown as { host: string };
    expect(() => bullmqBackend({ connection })).toThrow(/`redis\.db` to be a whole number from 0/);
  });

  it('is looked at by the backends too', () => {
    const make = [
      () => postgresBackend({ connectionString: `redis://:${secret}@host` }),
      () => postgresBackend({ connectionString: `host=db password=${secret}` }),
      () => bullmqBackend({ connection: `postgres://u:${secret}@host/shop` }),
      () => pgliteBackend({ directory: `postgres://u:${secret}@host/shop` }),
    ];
    for (const each of make) {
      expect(each).toThrow(TypeError);
      expect(each).not.toThrow(secret);
    }
    expect(bullmqBackend({ connection: ' VALKEY://host' }).description).toBe('redis://host');
  });
});

describe('the name of a store in a message', () => {
  it.each([
    ['postgres://u:p@host:5432/shop?sslmode=require', 'postgres://host:5432/shop'],
    [`redis://:${secret}@host:6379/2`, 'redis://host:6379/2'],
    [`redis://host:6379/2?password=${secret}@x`, 'redis://…'],
    [`postgres://u:${secret}@x@host/shop#a`, 'postgres://host/shop'],
    [`postgres://u:12?${secret}@host/shop`, 'postgres://…'],
    [`postgres:///shop?user=u&password=${secret}`, 'postgres:///shop'],
  ])('of %p is %p', (url, name) => {
    expect(nameOfUrl(url)).toBe(name);
  });
});
