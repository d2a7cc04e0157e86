// @ts-check
// Installs the packed packages with the package managers that are stricter than npm: pnpm without hoisting, where a
// package finds what it names and nothing else, and yarn with Plug'n'Play, where there is no node_modules at all.
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installOnce } from './npm-binary.mjs';

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL('consumers', import.meta.url));
const managers = { pnpm: '10.34.8', '@yarnpkg/cli-dist': '4.18.1' };

/** The engines of durable jobs: optional peers, as `packages/durable` has them. */
export const engines = ['bullmq', 'ioredis', 'pg-boss', '@electric-sql/pglite'];

/**
 * @param {object} project
 * @param {string} project.home - a folder to make
 * @param {Map<string, string>} project.tarballs - by name
 * @param {string[]} project.entries - what can be imported
 * @param {Record<string, string>} project.versions - of all that the repository installs
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 */
export async function checkManagers({ home, tarballs, entries, versions, check }) {
  const ours = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  /** @param {string[]} names */
  const pick = (names) => Object.fromEntries(names.map((name) => [name, versions[name]]));
  const peers = pick(['express', 'fastify', 'koa', '@opentelemetry/api', 'prom-client']);

  /**
   * @param {string} folder
   * @param {object} manifest
   */
  async function make(folder, manifest) {
    await mkdir(folder, { recursive: true });
    for (const name of ['cjs', 'esm', 'peers']) {
      await cp(join(fixtures, name), join(folder, name), { recursive: true });
    }
    await writeFile(join(folder, 'entries.json'), JSON.stringify(entries));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  }

  await check('pnpm, strict, no optional peer, --ignore-scripts', async () => {
    const folder = join(home, 'pnpm');
    const dependencies = { ...ours, ...peers };
    // Ours are not in the registry yet.
    await make(folder, { dependencies, pnpm: { overrides: ours } });
    const strict = 'hoist=false\nstrict-peer-dependencies=true\nauto-install-peers=false\n';
    await writeFile(join(folder, '.npmrc'), strict);
    const binary = join(installOnce('pnpm', `pnpm@${managers.pnpm}`), 'pnpm/bin/pnpm.cjs');
    await run(process.execPath, [binary, 'install', '--ignore-scripts', '--prefer-offline'], {
      cwd: folder,
    });
    await run(process.execPath, ['main.js'], { cwd: join(folder, 'esm') });
    await run(process.execPath, ['main.js'], { cwd: join(folder, 'cjs') });
    await run(process.execPath, ['main.mjs', 'without'], { cwd: join(folder, 'peers') });
  });

  await check("yarn, Plug'n'Play, with the optional peers, no build scripts", async () => {
    const folder = join(home, 'yarn');
    const dependencies = { ...ours, ...peers, ...pick(engines) };
    await make(folder, { dependencies, resolutions: ours });
    const { stdout } = await run('npm', ['config', 'get', 'registry']);
    const env = {
      ...process.env,
      YARN_NPM_REGISTRY_SERVER: stdout.trim(),
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_NODE_LINKER: 'pnp',
      // Where a copy of ours lies is written into it.
      YARN_CHECKSUM_BEHAVIOR: 'update',
    };
    const spec = `@yarnpkg/cli-dist@${managers['@yarnpkg/cli-dist']}`;
    const yarn = join(installOnce('yarn', spec), '@yarnpkg/cli-dist/bin/yarn.js');
    /** @param {string[]} args */
    const execute = (...args) => run(process.execPath, [yarn, ...args], { cwd: folder, env });
    await execute('install', '--mode=skip-build');
    await execute('node', 'esm/main.js');
    await execute('node', 'cjs/main.js');
    await execute('node', 'peers/main.mjs', 'with');
  });
}
