/** What other libraries call what is meant here, in small letters. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  limit: ['concurrency', 'maxconcurrency', 'concurrent', 'max'],
  pendingLimit: ['maxpending', 'maxqueue', 'queuelimit', 'queuesize'],
  waitTimeout: ['grace', 'graceperiod'],
  timeout: ['grace', 'graceperiod'],
  exceptionHandler: ['onerror', 'errorhandler', 'onexception'],
  retry: ['attempts', 'maxattempts', 'maxretries'],
  retries: ['attempts', 'maxattempts', 'maxretries'],
  schedule: ['cron', 'repeat'],
  timezone: ['tz'],
};

/** Characters of a word that say which word it is. */
const shortestStem = 4;

/** The one of these names that was probably meant. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = plain(given);
  const synonym = names.find((name) => synonyms[name]?.includes(wanted));
  if (synonym !== undefined) return synonym;
  let best: string | undefined;
  // One slip in three characters; more, and it is another word.
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = slips(wanted, plain(name));
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best ?? onlyOf(wanted, names);
}

/** The only name that begins as this word does: `retries` for `retry`, `leaseTime` for `lease`. */
function onlyOf(wanted: string, names: readonly string[]): string | undefined {
  const stem = wanted.replace(/(ies|y|s)$/, '');
  if (stem.length < shortestStem) return undefined;
  const [only, ...others] = names.filter((name) => plain(name).startsWith(stem));
  return others.length === 0 ? only : undefined;
}

/** `close_timeout` and `CloseTimeOut` are slips of the shift key. */
function plain(name: string): string {
  return name.replaceAll(/[_\-\s]/g, '').toLowerCase();
}

/** How many characters are missing, too many, wrong or swapped with the next (optimal string alignment). */
function slips(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row += 1) {
    const costs = [row];
    rows.push(costs);
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 2] === other[column - 1] && one[row - 1] === other[column - 2];
      costs.push(
        Math.min(
          at(row - 1, column - 1) + (same ? 0 : 1),
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
