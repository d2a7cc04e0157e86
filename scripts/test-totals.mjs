// Which tests failed, and how many passed and failed, of the reports that Jest wrote into a folder, one for each run: what the end
// of a long log has to say. A run without a report, and a test file that could not be loaded, count as one failed test.
//
//   node scripts/test-totals.mjs <folder> <run> [<run> ...]
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const [folder = '', ...runs] = process.argv.slice(2);
const totals = { passed: 0, failed: 0 };

/** @param {string} run @returns {any} */
function reportOf(run) {
  try {
    return JSON.parse(readFileSync(join(folder, `${run}.json`), 'utf8'));
  } catch {
    console.log(`FAILED: ${run} wrote no report`);
    return { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, testResults: [] };
  }
}

for (const run of runs) {
  const report = reportOf(run);
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  for (const { name, status, message, assertionResults } of report.testResults) {
    if (status !== 'failed') continue;
    const failed = assertionResults.filter((/** @type {any} */ test) => test.status === 'failed');
    for (const { fullName } of failed) console.log(`FAILED on ${run}: ${fullName}`);
    console.log(relative('.', name), stripVTControlCharacters(message).slice(0, 3000));
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
