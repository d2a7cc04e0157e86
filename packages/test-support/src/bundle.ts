import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where bundled scripts are. Gone at the end of the block. */
export interface Bundle extends Disposable {
  readonly folder: string;
}

/**
 * Bundles scripts that are to run in a process of their own, with our packages as their sources are: no
 * build is needed, and none that is out of date is tested.
 */
export async function bundle(from: string, scripts: readonly string[]): Promise<Bundle> {
  const cache = join(__dirname, '../../../node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  // Inside the repository, so that packages are found; a folder of its own, as tests run in parallel.
  const folder = mkdtempSync(join(cache, 'outlive-test-'));
  await build({
    absWorkingDir: from,
    entryPoints: [...scripts],
    outbase: from,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@outlive/source'],
    external: ['express', 'fastify', 'fastify-plugin', 'koa', 'undici'],
    logLevel: 'silent',
  });
  return {
    folder,
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
