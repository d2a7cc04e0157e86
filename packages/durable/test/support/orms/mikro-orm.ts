import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import type { Library } from './library.ts';

const thing = new EntitySchema({
  name: 'Thing',
  properties: { id: { type: 'number', primary: true } },
});

export async function openMikroOrm(clientUrl: string): Promise<Library> {
  const orm = await MikroORM.init({ entities: [thing], clientUrl, pool: { max: 2 } });
  return {
    others: [['an EntityManager without a transaction', orm.em.fork()]],
    async transaction(work) {
      await orm.em.fork().transactional(async (em) => {
        await work(em, (text) => em.execute(text));
      });
    },
    close: async () => orm.close(),
  };
}
