/** An id of ours, which no two jobs have: it begins with the time at which the job was stored. */
const ownId = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}(-[0-9a-f]{4}){2}[0-9a-f]{8}$/;

export function isOwnId(id: string): boolean {
  return ownId.test(id);
}

/** When a job of ours was stored, in epoch ms. */
export function timeOfOwnId(id: string): number {
  const [, high = '', low = ''] = ownId.exec(id) ?? [];
  return Number.parseInt(high + low, 16);
}
