import { Scheduler } from '@outlive/core';
import { expect, test } from 'vitest';
import entries from '../entries.json' with { type: 'json' };

test.each(entries)('%s loads in a vitest project without configuration', async (entry) => {
  const imported = await import(entry);
  expect(Object.keys(imported)).not.toHaveLength(0);
  expect(imported.Scheduler ?? Scheduler).toBe(Scheduler);
});
