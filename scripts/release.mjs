// @ts-check
// Publishes all packages: npm run release -- [--dry-run]
// With --dry-run it does all of it but the publishing. It runs where npm can say where a package was built (provenance):
// in the release job of CI, from a tag v<version>.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dryRun = process.argv.includes('--dry-run');
const sboms = join(root, 'sbom');

/**
 * @param {string} command
 * @param {string[]} args
 */
function capture(command, args) {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function execute(command, args) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

/** @param {string} message */
function refuse(message) {
  if (!dryRun) throw new Error(message);
  console.log(`A release would stop here: ${message}`);
}

const packages = await publicPackages();
const [version = '', ...others] = new Set(packages.map((pkg) => pkg.version));
if (others.length > 0) throw new Error(`Packages have versions ${[version, ...others].join()}`);
for (const { name, dependencies } of packages) {
  for (const [other, range] of Object.entries(dependencies)) {
    if (other.startsWith('@outlive/') && range !== version) {
      throw new Error(`${name} depends on ${other}@${range}, which is not ${version}`);
    }
  }
}

if (capture('git', ['status', '--porcelain']) !== '') refuse('the work tree has changes');
const tags = capture('git', ['tag', '--points-at', 'HEAD']).split('\n');
if (!tags.includes(`v${version}`)) refuse(`the commit has no tag v${version}`);
const changes = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
if (!changes.includes(`## [${version}]`)) refuse(`CHANGELOG.md has no heading [${version}]`);

/**
 * Each package after those that it depends on.
 * @param {string} name
 * @returns {string[]}
 */
function withDependencies(name) {
  const { dependencies = {} } = packages.find((pkg) => pkg.name === name) ?? {};
  const ours = Object.keys(dependencies).filter((other) => other.startsWith('@outlive/'));
  return [...ours.flatMap(withDependencies), name];
}
const ordered = new Set(packages.flatMap(({ name }) => withDependencies(name)));

execute('npm', ['run', 'verify']);

rmSync(sboms, { recursive: true, force: true });
mkdirSync(sboms);
for (const name of ordered) {
  const sbom = capture('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '-w', name]);
  const file = join(sboms, `${name.replace('@', '').replace('/', '-')}-${version}.cdx.json`);
  writeFileSync(file, sbom);
  const { components = [] } = JSON.parse(sbom);
  console.log(`sbom: ${name}: ${components.length} components`);
}

for (const name of ordered) {
  execute('npm', ['publish', '-w', name, ...(dryRun ? ['--dry-run'] : [])]);
}
console.log(
  `\n${dryRun ? 'Would have published' : 'Published'} ${packages.length} packages as ${version}.`,
);
