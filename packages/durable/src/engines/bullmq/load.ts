import { loadEngine } from '../load-engine.ts';
import type { BullmqModule } from './types.ts';

/** @throws {@link EngineMissingError} (rejects) */
export async function loadBullmq(): Promise<BullmqModule> {
  // The versions before 6 do not export it.
  return loadEngine('bullmq', '>=6.7.0 <7', async () => import('bullmq'), 'createRedisBackend');
}
