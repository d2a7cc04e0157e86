import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const load = join(__dirname, '../examples/shop/load.mjs');
const [major = 0] = process.versions.node.split('.').map(Number);

// What keeps the orders needs Node 22.
(major < 22 ? describe.skip : describe)('the shop', () => {
  it('loses no order and no receipt while it is replaced three times', async () => {
    // Rejects unless the exit code is 0.
    const { stdout } = await run(process.execPath, [load, '2', '10'], { timeout: 170_000 });
    expect(stdout).toMatch(/orders placed +20\norders missing +0\nreceipts not sent +0\n/);
    expect(stdout).toMatch(/exit codes +0, 0, 0, 0$/m);
  }, 180_000);
});
