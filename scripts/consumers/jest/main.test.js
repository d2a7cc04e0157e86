const { Scheduler } = require('@outlive/core');
const entries = require('../entries.json');

test.each(entries)('%s loads in a Jest project without configuration', (entry) => {
  const required = require(entry);
  expect(Object.keys(required)).not.toHaveLength(0);
  expect(required.Scheduler ?? Scheduler).toBe(Scheduler);
});
