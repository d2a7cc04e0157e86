// @ts-check
// Compiles every snippet of the documentation, and `consumers/types`, against the packed packages: with each
// TypeScript that we support, and each way in which it finds modules.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findSnippets } from './snippets.cjs';

/** @typedef {[title: string, options: Record<string, unknown>, files: string[]]} Run */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const types = join(root, 'scripts/consumers/types');
const legacy = /legacy-decorators\.mts$/;
const consumers = /^src[\\/][a-z-]+\.mts$/;
const program = fileURLToPath(new URL('type-program.cjs', import.meta.url));

/** Beside our own, which is the newest. The first is the minimum that the README states. */
const compilers = {
  5.4: '5.4.5',
  5.6: '5.6.3',
  5.8: '5.8.3',
  5.9: '5.9.3',
  '6.0': '6.0.3',
};

/** What compiling needs, besides what the files import. */
const always = ['@types/express', '@types/koa', '@types/node', '@types/jest', '@koa/router'];

/** For `consumers/types` alone. */
const typeProviders = [
  '@fastify/type-provider-typebox@6.3.0',
  'fastify-type-provider-zod@7.0.0',
  'typebox@1.4.3',
  'zod@4.6.7',
];

/**
 * @param {object} project
 * @param {string} project.home - a folder to make
 * @param {string[]} project.tarballs
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 */
export async function checkTypes({ home, tarballs, check }) {
  const folder = join(home, 'src');
  await mkdir(folder, { recursive: true });
  await writeFile(join(home, 'package.json'), '{ "private": true }\n');
  await cp(types, folder, { recursive: true });
  for (const { file, kind, code } of findSnippets()) {
    // Those are compiled where NestJS (check-nest.mjs) and the ORMs (test/docs.test.ts) are installed.
    if (/\b(?:nest|orm)\b/.test(kind)) continue;
    await writeFile(join(folder, file.replace(/\.ts$/, '.mts')), code);
  }
  const files = (await readdir(folder)).map((file) => join('src', file));
  const texts = await Promise.all(files.map((file) => readFile(join(home, file), 'utf8')));
  let installed = false;
  await check('types: npm install', async () => {
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
    const aliases = Object.entries(compilers).map(
      ([name, version]) => `typescript-${name}@npm:typescript@${version}`,
    );
    const specs = await specsOf(texts);
    const all = [...tarballs, ...specs, ...typeProviders, ...aliases];
    await run('npm', ['install', ...flags, ...all], { cwd: home });
    installed = true;
  });
  if (!installed) return;

  // Two at once: one program uses little more than one core.
  const waiting = [...Object.keys(compilers), '7'];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const compile = name === '7' ? compileByCommand : compileByProgram;
      for await (const [title, errors] of compile(home, name, runsOf(name, files))) {
        await check(`types: TypeScript ${name} ${title}`, async () => {
          if (errors !== '') throw new Error(errors);
        });
      }
    }
  };
  await Promise.all([work(), work()]);
}

/**
 * What the files import, in the versions that the repository itself uses.
 * @param {string[]} texts
 */
async function specsOf(texts) {
  /** @type {Record<string, string>} */
  const versions = {};
  const folders = await readdir(join(root, 'packages'));
  for (const folder of [...folders.map((name) => `packages/${name}`), '.']) {
    const manifest = await readFile(join(root, folder, 'package.json'), 'utf8').catch(() => '{}');
    Object.assign(versions, JSON.parse(manifest).devDependencies);
  }
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^(?:import|} from)\b.*'((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^']*)?';$/gm)].map(
      ([, name = '']) => name,
    ),
  );
  return [...new Set([...names, ...names.map((name) => `@types/${name}`), ...always])]
    .filter((name) => name in versions && !name.startsWith('@outlive/'))
    .map((name) => `${name}@${versions[name]}`);
}

/**
 * @param {string} compiler
 * @param {string[]} all
 * @returns {Run[]}
 */
function runsOf(compiler, all) {
  const files = all.filter((file) => !legacy.test(file));
  const strict = {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node', 'jest'],
    strict: true,
    exactOptionalPropertyTypes: true,
    esModuleInterop: true,
    skipLibCheck: false,
    allowJs: true,
    checkJs: true,
    noEmit: true,
  };
  const nodenext = { ...strict, module: 'nodenext', moduleResolution: 'nodenext' };
  /** @type {Run[]} */
  const runs = [
    ['bundler', { ...strict, module: 'esnext', moduleResolution: 'bundler' }, files],
    ['node16', { ...strict, module: 'node16', moduleResolution: 'node16' }, files],
    ['nodenext', nodenext, files],
    [
      'nodenext, not strict',
      { ...nodenext, strict: false, exactOptionalPropertyTypes: false },
      // The types of consumers are those of a strict compiler.
      files.filter((file) => !consumers.test(file)),
    ],
    [
      'experimentalDecorators',
      { ...nodenext, experimentalDecorators: true },
      all.filter((file) => legacy.test(file)),
    ],
  ];
  if (compiler === '7') return runs;
  const silence = compiler === '6.0' ? { ignoreDeprecations: '6.0' } : {};
  return [
    ['node10', { ...strict, ...silence, module: 'esnext', moduleResolution: 'node10' }, files],
    ...runs,
  ];
}

/**
 * @param {string} home
 * @param {string} name
 * @param {Run[]} runs
 * @returns {AsyncIterable<[title: string, errors: string]>}
 */
async function* compileByProgram(home, name, runs) {
  const args = [program, join(home, 'node_modules', `typescript-${name}`), home];
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run(process.execPath, [...args, JSON.stringify(runs)], options);
  for (const line of stdout.trim().split('\n')) yield JSON.parse(line);
}

/**
 * TypeScript 7 has no programs that could be asked for the errors of some files.
 * @param {string} home
 * @param {string} name
 * @param {Run[]} runs
 * @returns {AsyncIterable<[title: string, errors: string]>}
 */
async function* compileByCommand(home, name, runs) {
  for (const [index, [title, compilerOptions, files]] of runs.entries()) {
    const file = `tsconfig.${name}-${index}.json`;
    await writeFile(join(home, file), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules/.bin/tsc');
    const output = await run(tsc, ['-p', file, '--pretty', 'false'], { cwd: home }).then(
      () => '',
      (error) => {
        if (!String(error.stdout).includes('error TS')) throw error;
        return String(error.stdout);
      },
    );
    yield [title, errorsOfOurs(output)];
  }
}

/**
 * The errors in the files of the project and in our declaration files: those of others have errors of their own.
 * @param {string} output
 */
export function errorsOfOurs(output) {
  return output
    .split('\n')
    .filter((line) => line.includes('error TS') && !/node_modules\/(?!@outlive\/)/.test(line))
    .join('\n');
}
