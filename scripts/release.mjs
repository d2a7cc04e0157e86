// @ts-check
// Publishes all packages: npm run release -- [--dry-run]
// With --dry-run it does all of it but the publishing. It runs where npm can say where a package was built (provenance):
// in the release job of CI, from a tag v<version>.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dryRun = process.argv.includes('--dry-run');
const sboms = join(root, 'sbom');

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
function capture(command, args, cwd = root) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
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

// Of what npm installs with each package: its dependencies, and the framework that it is for.
rmSync(sboms, { recursive: true, force: true });
mkdirSync(sboms);
const home = mkdtempSync(join(tmpdir(), 'outlive-release-'));
/** @type {{ name: string, filename: string }[]} */
const packed = JSON.parse(
  capture('npm', [
    'pack',
    '--json',
    '--pack-destination',
    home,
    ...[...ordered].flatMap((name) => ['-w', name]),
  ]),
);
for (const name of ordered) {
  const project = join(home, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'release', version }));
  const tarballs = withDependencies(name).map((each) =>
    join(home, packed.find((one) => one.name === each)?.filename ?? ''),
  );
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
  capture('npm', ['install', ...flags, ...new Set(tarballs)], project);
  const sbom = capture('npm', ['sbom', '--sbom-format', 'cyclonedx'], project);
  writeFileSync(
    join(sboms, `${name.replace('@', '').replace('/', '-')}-${version}.cdx.json`),
    sbom,
  );
  /** @type {{ licenses?: { license: { id?: string } }[] }[]} */
  const components = JSON.parse(sbom).components;
  const used = new Set(
    components.flatMap(({ licenses = [] }) => licenses.map(({ license }) => license.id)),
  );
  console.log(
    `sbom: ${name}: ${components.length} components, licensed as ${[...used].join(', ')}`,
  );
}
rmSync(home, { recursive: true, force: true });

for (const name of ordered) {
  execute('npm', ['publish', '-w', name, ...(dryRun ? ['--dry-run'] : [])]);
}
console.log(
  `\n${dryRun ? 'Would have published' : 'Published'} ${packages.length} packages as ${version}.`,
);
