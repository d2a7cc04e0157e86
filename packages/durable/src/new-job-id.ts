import { randomUUID } from 'node:crypto';

/** The time of the last id, in epoch ms, and how many ids of that time there were before. */
let last = 0;
let count = 0;

/** So many ids of one millisecond fit into the 12 bits for them; more take the time of the next millisecond. */
const mostOfOneTime = 4_096;

/**
 * An id that sorts after all earlier ones of this process, and by the clock after those of others: a UUID of version 7
 * (https://www.rfc-editor.org/rfc/rfc9562#section-5.7). Stores list jobs by it.
 */
export function newJobId(): string {
  const now = Math.max(Date.now(), last);
  count = now === last ? count + 1 : 0;
  last = now;
  if (count === mostOfOneTime) {
    last += 1;
    count = 0;
  }
  const time = last.toString(16).padStart(12, '0');
  const sequence = count.toString(16).padStart(3, '0');
  // Two groups of a random UUID of version 4: they are the same in both versions, and Node makes them many at a time.
  const random = randomUUID().slice(19);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${random}`;
}
