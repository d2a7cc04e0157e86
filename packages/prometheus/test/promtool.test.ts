import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const alerts = join(__dirname, '../alerts');
const promtool = process.env['PROMTOOL'] ?? 'promtool';
const isInstalled = spawnSync(promtool, ['--version']).error === undefined;

if (!isInstalled) {
  process.stderr.write('SKIPPED: the alert rules are not checked, since there is no promtool\n');
}

it('the alert rules are good ones, and tell when they are to', async () => {
  if (!isInstalled) return;
  await run(promtool, ['check', 'rules', 'outlive.yml'], { cwd: alerts });
  await run(promtool, ['test', 'rules', 'outlive.test.yml'], { cwd: alerts });
});
