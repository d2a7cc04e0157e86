// @ts-check
// Bundles the page into page/dist, which the package ships: users need no build step, and the page no other site.
import { build } from 'esbuild';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const home = import.meta.dirname;
const out = join(home, 'dist');

/** Builds the files that the server hands out, with the licences of the libraries that are in them. */
export async function buildPage() {
  await mkdir(out, { recursive: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: home,
    entryPoints: { app: 'src/main.tsx', styles: 'src/app.css' },
    outdir: out,
    entryNames: '[name]',
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox114', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const { path, contents } of outputFiles) {
    await replace(basename(path).replace('styles.css', 'app.css'), contents);
  }
  await replace('icon.svg', await readFile(join(home, 'src/icon.svg')));
  await replace('LICENSES.txt', await licencesOf(Object.keys(metafile.inputs)));
}

/**
 * Writes a file whole or not at all: a server may be reading it, and another build writing it.
 * @param {string} name
 * @param {string | Uint8Array} contents
 */
async function replace(name, contents) {
  const fresh = join(home, `.${name}-${process.pid}`);
  await writeFile(fresh, contents);
  await rename(fresh, join(out, name));
}

/**
 * The licences of the packages that these files are of.
 * @param {readonly string[]} files
 */
async function licencesOf(files) {
  const texts = new Map();
  for (const file of files) {
    const match = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(file);
    const folder = match?.[1];
    const name = match?.[2];
    if (folder === undefined || texts.has(name)) continue;
    const { version, license } = JSON.parse(
      await readFile(join(home, folder, 'package.json'), 'utf8'),
    );
    const text = await readFile(join(home, folder, 'LICENSE'), 'utf8').catch(() => '');
    texts.set(name, `${name} ${version} (${license})\n\n${text}`);
  }
  const heading = 'The page of @outlive/inspector contains these libraries.\n';
  return [heading, ...texts.values()].join(`\n${'-'.repeat(80)}\n\n`);
}

if (process.argv[1] !== undefined && dirname(process.argv[1]) === home) await buildPage();
