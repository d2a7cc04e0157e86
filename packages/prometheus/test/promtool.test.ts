import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { queries } from './support/dashboard.ts';

const run = promisify(execFile);
const alerts = join(__dirname, '../alerts');
const promtool = process.env['PROMTOOL'] ?? 'promtool';
const isInstalled = spawnSync(promtool, ['--version']).error === undefined;

if (!isInstalled) {
  process.stderr.write(
    'SKIPPED: neither the alert rules nor the queries of the dashboard are checked, since there is no promtool\n',
  );
}

it('the alert rules are good ones, and tell when they are to', async () => {
  if (!isInstalled) return;
  await run(promtool, ['check', 'rules', 'outlive.yml'], { cwd: alerts });
  await run(promtool, ['test', 'rules', 'outlive.test.yml'], { cwd: alerts });
});

it('the queries of the dashboard are ones', async () => {
  if (!isInstalled) return;
  const rules = queries().map((expr, index) => ({
    record: `dashboard:${index}`,
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*'),
  }));
  const folder = await mkdtemp(join(tmpdir(), 'outlive-rules-'));
  const file = join(folder, 'rules.yml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { stdout } = await run(promtool, ['check', 'rules', file]);
  expect(stdout).toContain(`${rules.length} rules found`);
  await rm(folder, { recursive: true });
});
