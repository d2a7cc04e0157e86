// @ts-check
// Runs a command under another major version of Node: node scripts/on-node.mjs 24 npm test
// The binary comes from the npm package node-<platform>-<arch> and stays in the system's temporary folder.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { nodeBinary } from './npm-binary.mjs';

const [major, command, ...args] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? '') || command === undefined) {
  console.error('Usage: node scripts/on-node.mjs <major> <command> [argument...]');
  process.exit(2);
}

const bin = dirname(nodeBinary(major ?? ''));

const { status, error } = spawnSync(command, args, {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` },
});
if (error) throw error;
process.exitCode = status ?? 1;
