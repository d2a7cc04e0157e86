// @ts-check
// Runs the recipes of docs/nestjs.md in real NestJS apps, both versions on both platforms, against the packed
// packages. It installs them itself: two versions of NestJS cannot stand beside each other in one tree.
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findSnippets } from './snippets.cjs';

const run = promisify(execFile);
const tsc = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url));
const scenario = fileURLToPath(new URL('consumers/nest', import.meta.url));

const versions = {
  11: {
    core: '11.2.10',
    platform: '11.2.8',
    fastify: '5.11.3',
    format: /** @type {const} */ ('cjs'),
  },
  12: {
    core: '12.5.1',
    platform: '12.5.0',
    fastify: '5.12.8',
    format: /** @type {const} */ ('esm'),
  },
};

const compilerOptions = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable', 'dom'],
  types: ['node'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  experimentalDecorators: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * @param {object} project
 * @param {string} project.home - a folder to make
 * @param {string[]} project.tarballs
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 */
export async function checkNest({ home, tarballs, check }) {
  for (const [version, { core, platform, fastify, format }] of Object.entries(versions)) {
    const folder = join(home, version);
    const built = format === 'cjs' ? 'scenario.cjs' : 'scenario.mjs';
    let ready = false;
    await check(`NestJS ${version}: npm install, build`, async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
      const nest = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${core}`);
      nest.push(
        `@nestjs/platform-fastify@${platform}`,
        `fastify@${fastify}`,
        'reflect-metadata@0.2',
        'rxjs@7',
      );
      nest.push('@types/express@5', '@types/node@20');
      const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
      await run('npm', ['install', ...flags, ...tarballs, ...nest], { cwd: folder });
      await cp(scenario, folder, { recursive: true });
      for (const { kind, code } of findSnippets()) {
        const name = /^export class (\w+)/m.exec(code)?.[1];
        if (kind === 'nest' && name !== undefined)
          await writeFile(join(folder, `${name}.ts`), code);
      }
      await build({
        absWorkingDir: folder,
        entryPoints: ['scenario.ts'],
        outfile: built,
        bundle: true,
        packages: 'external',
        platform: 'node',
        format,
        // Nest names what it injects by it, and we the jobs.
        keepNames: true,
        tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
      });
      ready = true;
    });
    if (!ready) continue;
    await check(`NestJS ${version}: TypeScript`, async () => {
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      await run(tsc, ['-p', folder, '--pretty', 'false']);
    });
    for (const framework of ['express', 'fastify']) {
      await check(`NestJS ${version} on ${framework}`, () =>
        run(process.execPath, [built, framework], { cwd: folder, timeout: 600_000 }),
      );
    }
  }
}
