// @ts-check
// A file to which every step is written the moment it is done: it tells what really happened, also in a
// process that was ended a moment later.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {'ready' | 'charged' | 'booked' | 'receipt' | 'cache' | 'bounced' | 'left' | 'report'} Step
 * @typedef {{ step: Step, at: number, order?: number, details?: unknown }} Entry
 */

/**
 * @param {string} file
 * @param {Omit<Entry, 'at'>} entry
 */
export function writeEntry(file, entry) {
  appendFileSync(file, `${JSON.stringify({ ...entry, at: Date.now() })}\n`);
}

/**
 * @param {string} file
 * @returns {Entry[]}
 */
export function readEntries(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
