import { EngineMissingError } from '../../errors.ts';
import { loadEngine } from '../load-engine.ts';
import type { PgBossModule } from './types.ts';

/** The versions whose tables and statements `sql.ts` knows. */
const range = '>=12.38.0 <13';

/** @throws {@link EngineMissingError} (rejects) */
export async function loadPgBoss(store: string): Promise<PgBossModule> {
  checkNode(`${store} as a job store (pg-boss)`);
  // The old versions that npm picks for an old Node do not export it.
  return loadEngine('pg-boss', range, async () => import('pg-boss'), 'fromPglite');
}

/**
 * pg-boss is written for Node 22.12. On an older Node npm installs an old pg-boss without a warning.
 *
 * @throws {@link EngineMissingError}
 */
export function checkNode(engine: string, version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw new EngineMissingError(`${engine} needs Node 22.12 or newer, and this is Node ${version}`);
}
