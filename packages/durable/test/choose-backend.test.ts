import { defineJob, memoryBackend, openJobs } from '@outlive/durable';

const job = defineJob('job', () => {});
const postgres = 'postgres://127.0.0.1:9/none';

/** Options that are refused at the call, before anything is opened. */
const refused: readonly (readonly [object, string])[] = [
  [{ store: '.jobs', schema: 'a' }, '`schema` is an option of PostgreSQL'],
  [{ store: '.jobs', poolSize: 3 }, '`store` is a directory'],
  [{ store: 'redis://127.0.0.1:9', ssl: true }, '`ssl` is an option of PostgreSQL'],
  [{ store: postgres, prefix: 'shop' }, '`prefix` is an option of Redis'],
  [{ backend: memoryBackend(), schema: 'a' }, 'give it to your `backend`'],
  [{ redis: { host: 'a' }, schema: 'a' }, '`schema` is an option of PostgreSQL'],
  [{ redis: { host: 'a' }, store: '.jobs' }, 'Give `redis` alone'],
  [{ redis: 7 }, 'options or a client of ioredis'],
  [{ redis: { duplicate() {} } }, 'a client of ioredis'],
  [{ redis: { keyPrefix: 'a:' } }, '`redis` has no option `keyPrefix`. Did you mean `prefix`'],
  [{ redis: { host: 'a', ssl: true } }, '`redis` has no option `ssl`. Did you mean `tls`?'],
  [{ store: 'redis://a?ssl=true' }, 'A redis: URL has no option `ssl`. Did you mean `tls`?'],
  [{ store: 'redis://a?tls=1&database=3' }, 'has no option `database`. Did you mean `db`?'],
  [{ redis: { sentinels: [], name: 'a' } }, 'Expected `redis.sentinels` to be an array'],
  [{ redis: { sentinels: [{ host: 'a' }] } }, 'Expected `redis.name` to be the name of the master'],
  [{ redis: { cluster: ['redis://a'], db: 2 } }, 'A Redis Cluster has one database alone'],
  [{ redis: { cluster: ['redis://a/2'] } }, 'A Redis Cluster has one database alone'],
  [{ redis: { cluster: [] } }, 'Expected `cluster` to be an array of redis: URLs'],
  [{ redis: { cluster: ['http://a'] } }, 'Expected `cluster` to be a redis: URL'],
  [{ store: postgres, schema: 'No' }, 'Expected `schema` to be 1 to 50 of'],
  [{ store: postgres, schema: 'pg_jobs' }, 'not beginning with pg_'],
  [{ store: postgres, poolSize: 0 }, 'Expected `poolSize`'],
  [{ store: postgres, migrate: 'no' }, 'Expected `migrate`'],
  [{ store: postgres, ssl: 'require' }, 'Expected `ssl` to be true, false, or options of tls'],
  [{ store: `${postgres}?sslmode=require`, ssl: true }, 'not both'],
  [{ store: `${postgres}?sslMode=require` }, 'no parameter `sslMode`. Did you mean `sslmode`?'],
  [{ store: `${postgres}?a=b&ssl_root_cert=/ca.pem` }, 'Did you mean `sslrootcert`?'],
  [{ store: `${postgres}?tls=true` }, 'no parameter `tls`. Did you mean `ssl`?'],
  [{ store: `${postgres}?sslmode=allow` }, 'Expected `sslmode of the URL` to be disable, prefer'],
  [{ store: `${postgres}?a=b&ssl=no` }, 'Expected `ssl of the URL` to be true, 1, false, 0'],
  [{ store: postgres, shema: 'a' }, 'schema'],
];

it.each(refused)('%p is refused at the call', (options, message) => {
  expect(() => openJobs({ jobs: [job], ...options })).toThrow(message);
});
