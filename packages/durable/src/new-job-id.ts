import { randomBytes } from 'node:crypto';

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
  const bytes = randomBytes(16);
  bytes.writeUIntBE(last, 0, 6);
  bytes.writeUInt16BE(0x70_00 + count, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0b0011_1111) | 0b1000_0000, 8);
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}
