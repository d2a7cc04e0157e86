import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(__dirname, '..');

/** The two numbers of a line of the totals. */
const totals = (account: string, label: string): (string | undefined)[] =>
  account
    .split('\n')
    .find((line) => line.startsWith(label))
    ?.slice(label.length)
    .trim()
    .split(/ {2,}/) ?? [];

describe('npm run demo', () => {
  let account = '';

  beforeAll(async () => {
    // Rejects unless the exit code is 0.
    const { stdout } = await run(process.execPath, [join(root, 'examples/demo/demo.mjs')]);
    account = stdout;
  }, 120_000);

  it('loses nothing with Outlive, and does or reports nothing twice', () => {
    expect(account).toContain(
      'With Outlive: nothing was lost, and nothing was done or reported twice.',
    );
    expect(account).not.toMatch(/NO ANSWER| and \+/);
  });

  it('books the orders of those who have left, and loses them without', () => {
    expect(totals(account, 'customers who hung up before the answer')).toEqual(['5', '5']);
    expect(totals(account, 'orders booked')).toEqual(['12 of 12', '7 of 12']);
  });

  it('finishes the background work, and loses it without', () => {
    expect(totals(account, 'receipts sent')).toEqual(['11 of 12', '4 of 12']);
    expect(totals(account, 'cache entries warmed')).toEqual(['12 of 12', '4 of 12']);
  });

  it('reports a failed job once, and not at all without', () => {
    expect(totals(account, 'bounced receipts that somebody heard of')).toEqual([
      '1 of 1',
      '0 of 1',
    ]);
  });

  it('accounts for every job in the report on the shutdown', () => {
    expect(account).toMatch(/completed 23, failed 1, (\w+ 0,\s+){4}destroyedResponses 0/);
  });

  it('fits in 80 columns', () => {
    expect(account.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('ends by itself with exit code 0', () => {
    expect(totals(account, 'exit code')).toEqual(['0', '0']);
  });
});
