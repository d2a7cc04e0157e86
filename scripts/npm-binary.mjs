// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Installs a package whose content is a binary, unless it is there already: in the system's temporary folder, where
 * it stays.
 *
 * @param {string} name - of the folder
 * @param {string} spec - what npm shall install; its install scripts are not run
 * @returns {string} its `node_modules`
 */
export function installOnce(name, spec) {
  const cache = join(tmpdir(), `outlive-${name}`);
  if (!existsSync(cache)) {
    // Installed aside and renamed, so that a second run at the same time never sees half of it.
    const fresh = mkdtempSync(`${cache}-`);
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    execFileSync('npm', ['install', '--prefix', fresh, ...options, spec], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: fresh,
    });
    try {
      renameSync(fresh, cache);
    } catch (error) {
      // The other run was faster: no folder takes the place of one that has something in it.
      rmSync(fresh, { recursive: true });
      if (!existsSync(cache)) throw error;
    }
  }
  return join(cache, 'node_modules');
}

/**
 * The newest Node of a major version, as the npm package node-<platform>-<arch> has it.
 * @param {number | string} major
 * @returns {string} its executable
 */
export function nodeBinary(major) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  return join(installOnce(`node-${major}`, `${name}@${major}`), name, 'bin', 'node');
}
