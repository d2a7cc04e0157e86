// @ts-check
// The public API of every package, as its declaration files state it, stands in `api/`: a change of it is seen in a
// review, and nothing changes it unseen. `npm run api:check` fails if a report is out of date, or if a public name has
// no documentation; `npm run api:update` writes the reports.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publicPackages } from './public-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'api');
const fresh = join(reports, '.fresh');
const update = process.argv.includes('--update');

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  allowImportingTsExtensions: true,
  typeRoots: [join(root, 'node_modules/@types')],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const silent = { logLevel: 'none' };
const listed = { logLevel: 'warning', addToApiReportFile: true };

/**
 * @param {string} folder - of a package
 * @param {string} declarations - the file that users' compilers read
 * @param {string} name - of the report
 */
function configOf(folder, declarations, name) {
  return ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      compiler: { overrideTsconfig: { compilerOptions, files: [declarations] } },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: reports,
        reportTempFolder: fresh,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: /** @type {import('@microsoft/api-extractor').IExtractorMessagesConfig} */ ({
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: silent, 'ae-undocumented': listed },
        tsdocMessageReporting: { default: silent },
      }),
    },
  });
}

/**
 * The declarations in a report that lack a comment. What `code` and `name` of an error are says `SchedulerError`.
 * @param {string} report
 */
function undocumented(report) {
  const found = [];
  let inError = false;
  let marked = false;
  for (const line of report.split('\n')) {
    if (line.startsWith('export ')) inError = / class \w+Error extends /.test(line);
    if (marked && !(inError && /^ +readonly (?:code|name)\b/.test(line))) found.push(line.trim());
    marked = line.includes('(undocumented)');
  }
  return found;
}

/** @type {string[]} */
const problems = [];
const current = new Set();
await mkdir(reports, { recursive: true });
for (const { folder, exports } of await publicPackages()) {
  for (const [key, { types }] of Object.entries(exports)) {
    // For our own packages, not for users.
    if (types === undefined || key === './internal') continue;
    const name = `${basename(folder)}${key.slice(1).replaceAll('/', '-')}.api.md`;
    current.add(name);
    const { apiReportChanged } = Extractor.invoke(configOf(folder, join(folder, types), name), {
      localBuild: update,
      messageCallback(message) {
        // It advises to copy the file by hand.
        if (message.messageId.startsWith('console-')) message.handled = true;
      },
    });
    if (apiReportChanged && !update) problems.push(`api/${name} is not what the package exports`);
    for (const line of undocumented(await readFile(join(fresh, name), 'utf8'))) {
      problems.push(`${relative(root, folder)}: no documentation: ${line}`);
    }
  }
}
for (const file of await readdir(reports)) {
  if (!file.endsWith('.api.md') || current.has(file)) continue;
  if (update) await rm(join(reports, file));
  else problems.push(`api/${file} is of no package any more`);
}
await rm(fresh, { recursive: true, force: true });

for (const problem of problems) console.log(problem);
if (problems.length > 0) {
  console.log('Changed on purpose? npm run api:update, and commit api/ together with the change.');
  process.exitCode = 1;
}
