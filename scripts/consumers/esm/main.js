// Imports every entry, and finds the very same values with require(): one copy of the state.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Scheduler } = await import('@outlive/core');
assert.equal(typeof Scheduler, 'function');

// What Node itself adds to the namespace of an imported CommonJS module.
const added = new Set(['default', '__esModule', 'module.exports']);

for (const entry of require('../entries.json')) {
  const imported = await import(entry);
  const required = require(entry);
  const names = Object.keys(imported).filter((name) => !added.has(name));
  assert.deepEqual(names, Object.keys(required).toSorted(), `${entry}: names seen by import`);
  for (const name of names) assert.equal(imported[name], required[name], `${entry}: ${name}`);
  if ('Scheduler' in imported) assert.equal(imported.Scheduler, Scheduler, `${entry}: Scheduler`);
}
