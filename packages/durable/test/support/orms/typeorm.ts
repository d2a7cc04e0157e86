import { DataSource, EntitySchema } from 'typeorm';
import type { Library } from './library.ts';

const thing = new EntitySchema<{ id: number }>({
  name: 'Thing',
  columns: { id: { type: Number, primary: true } },
});

export async function openTypeOrm(url: string): Promise<Library> {
  const source = new DataSource({ type: 'postgres', url, poolSize: 4, entities: [thing] });
  await source.initialize();
  const idle = source.createQueryRunner();
  return {
    others: [
      ['a database', source],
      ['a database', source.manager],
      ['a database', source.getRepository(thing)],
      ['a QueryRunner without a transaction', idle],
      ['an EntityManager without a transaction', idle.manager],
    ],
    async transaction(work) {
      await source.transaction(async (manager) => {
        await work(manager, (text) => manager.query(text));
      });
    },
    async close() {
      await idle.release();
      await source.destroy();
    },
  };
}

/** By a `QueryRunner`, whose transactions are begun and ended by hand. */
export async function openQueryRunner(url: string): Promise<Library> {
  const source = new DataSource({ type: 'postgres', url, poolSize: 2 });
  await source.initialize();
  const runner = source.createQueryRunner();
  return {
    others: [],
    async transaction(work) {
      await runner.startTransaction();
      try {
        await work(runner, (text) => runner.query(text));
        await runner.commitTransaction();
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      }
    },
    async close() {
      await runner.release();
      await source.destroy();
    },
  };
}
