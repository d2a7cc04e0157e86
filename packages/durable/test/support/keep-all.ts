import type { KeepRules } from '@outlive/durable';

const forever = { age: Infinity, count: Infinity };

/** Nothing that has ended is ever deleted. */
export const keepAll: KeepRules = { completed: forever, failed: forever };
