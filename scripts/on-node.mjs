// @ts-check
// Runs a command under another major version of Node: node scripts/on-node.mjs 24 npm test
// The binary comes from the npm package node-<platform>-<arch> and stays in the system's temporary folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const [major, command, ...args] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? '') || command === undefined) {
  console.error('Usage: node scripts/on-node.mjs <major> <command> [argument...]');
  process.exit(2);
}

const platform = process.platform === 'win32' ? 'win' : process.platform;
const name = `node-${platform}-${process.arch}`;
const cache = join(tmpdir(), `outlive-node-${major}`);
const bin = join(cache, 'node_modules', name, 'bin');

if (!existsSync(bin)) {
  // Installed aside and renamed, so that a second run at the same time never sees half of it.
  const fresh = mkdtempSync(`${cache}-`);
  execFileSync(
    'npm',
    ['install', '--prefix', fresh, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: fresh },
  );
  if (existsSync(bin)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, cache);
}

const { status, error } = spawnSync(command, args, {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` },
});
if (error) throw error;
process.exitCode = status ?? 1;
