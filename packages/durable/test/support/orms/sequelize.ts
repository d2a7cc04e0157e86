import { Sequelize } from 'sequelize';
import type { Library } from './library.ts';

export async function openSequelize(url: string): Promise<Library> {
  const sequelize = new Sequelize(url, { logging: false, pool: { max: 2 } });
  const ended = await sequelize.transaction();
  await ended.rollback();
  return {
    others: [
      ['a database', sequelize],
      ['a transaction that has ended', ended],
    ],
    async transaction(work) {
      await sequelize.transaction(async (transaction) => {
        await work(transaction, (text) => sequelize.query(text, { transaction }));
      });
    },
    close: async () => sequelize.close(),
  };
}
