// @ts-check
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildPage } from '../packages/inspector/page/build.mjs';

const root = join(import.meta.dirname, '..');

/**
 * Before all tests: the demo and the examples are users, they import what would be published, so that has
 * to be what the sources say. Once, since two builds at a time would write the same files.
 */
export default async function build() {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), [
    '-b',
    join(root, 'tsconfig.build.json'),
  ]);
  await buildPage();
}
