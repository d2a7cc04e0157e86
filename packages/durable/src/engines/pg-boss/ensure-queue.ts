import type { JobSpec } from '../../backend.ts';
import { queueOptions } from './settings.ts';
import type { PgBoss } from './types.ts';

/** At most one job of a key that waits or runs (https://pgboss.io/api/queues). */
const policy = 'exclusive';

/** Creates the queue of a name, or sets it as its definition is now. */
export async function ensureQueue(boss: PgBoss, spec: JobSpec): Promise<void> {
  const { name } = spec;
  const options = queueOptions(spec);
  await boss.createQueue(name, { ...options, policy });
  await boss.updateQueue(name, options);
  const queue = await boss.getQueue(name);
  if (queue?.policy !== policy) {
    throw new TypeError(`The queue ${name} exists already, and was not made by Outlive`);
  }
}
