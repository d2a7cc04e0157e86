import { setImmediate } from 'node:timers/promises';
import { checkTransaction } from '../../src/transactions/check-transaction.ts';

describe('a `tx`', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([undefined, null, 7, 'tx', {}, [], () => {}, { raw() {} }])(
    'is refused where it is of no library that is known: %p',
    (value) => {
      expect(() => checkTransaction(value)).toThrow(TypeError);
      expect(() => checkTransaction(value)).toThrow(/TypeORM .* or anything else with query\(/);
    },
  );

  it.each<[string, string, object]>([
    ['mysql2', 'MySQL', { query() {}, beginTransaction() {} }],
    [
      'Knex',
      'mysql',
      Object.assign(() => {}, { raw() {}, isCompleted: () => false, client: { dialect: 'mysql' } }),
    ],
    [
      'Kysely',
      'SqliteAdapter',
      {
        executeQuery() {},
        isTransaction: true,
        getExecutor: () => ({ adapter: { constructor: { name: 'SqliteAdapter' } } }),
      },
    ],
    [
      'Drizzle',
      'MySqlDialect',
      { execute() {}, rollback() {}, dialect: { constructor: { name: 'MySqlDialect' } } },
    ],
    [
      'Sequelize',
      'mariadb',
      { afterCommit() {}, sequelize: { query() {}, dialect: { name: 'mariadb' } } },
    ],
    ['Prisma', 'sqlite', { $queryRawUnsafe() {}, _activeProvider: 'sqlite' }],
    [
      'an EntityManager of TypeORM',
      'better-sqlite3',
      {
        query() {},
        transaction() {},
        queryRunner: { query() {}, isTransactionActive: true },
        connection: { options: { type: 'better-sqlite3' } },
      },
    ],
    [
      'a QueryRunner of TypeORM',
      'mssql',
      { query() {}, isTransactionActive: true, connection: { options: { type: 'mssql' } } },
    ],
  ])('of another database is refused: %s', (_, name, value) => {
    expect(() => checkTransaction(value)).toThrow(TypeError);
    expect(() => checkTransaction(value)).toThrow(
      `got a transaction of another database (${name})`,
    );
  });

  it('may not be a pool of MySQL', () => {
    expect(() => checkTransaction({ query() {}, getConnection() {} })).toThrow('got a pool');
  });

  it.each([
    ['an array of rows', [{ id: 1 }]],
    ['an object with rows', { rows: [{ id: 1 }], rowCount: 1 }],
  ])('may answer with %s', async (_, answer) => {
    const tx = checkTransaction({ query: async () => answer });
    expect(await tx.query('select 1')).toEqual({ rows: [{ id: 1 }] });
  });

  it.each([undefined, 7, {}])('may not answer with %p', async (answer) => {
    const tx = checkTransaction({ query: async () => answer });
    await expect(tx.query('select 1')).rejects.toThrow(TypeError);
  });

  it('that never answers is given up after 30 s', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
    const tx = checkTransaction({ query: () => new Promise(() => {}) });
    const asked = tx.query('select 1');
    asked.catch(() => undefined);
    await setImmediate();
    jest.advanceTimersByTime(30_000);
    await expect(asked).rejects.toThrow('has not answered for 30000 ms');
    expect(jest.getTimerCount()).toBe(0);
  });
});
