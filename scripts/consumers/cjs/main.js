// Requires every entry, and finds the same Scheduler with import().
const assert = require('node:assert/strict');

const { Scheduler } = require('@outlive/core');

async function main() {
  assert.equal((await import('@outlive/core')).Scheduler, Scheduler);
  for (const entry of require('../entries.json')) {
    const required = require(entry);
    assert.ok(Object.keys(required).length > 0, `${entry} exports nothing`);
    if ('Scheduler' in required) assert.equal(required.Scheduler, Scheduler, entry);
    if ('Scheduler' in required) assert.equal((await import(entry)).Scheduler, Scheduler, entry);
  }
}

// A rejection ends the process with code 1.
void main();
