// @ts-check
// npm run matrix                              all tests on every supported Node, one after the other
// npm run matrix -- packages/http -t closing  some of them: arguments go to Jest
// Both majors of each framework are in the tests themselves.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const majors = [24, 26, 22, 20];
const onNode = fileURLToPath(new URL('on-node.mjs', import.meta.url));
const jest = ['npx', 'jest', '--ci', ...process.argv.slice(2)];

const failed = majors.filter((major) => {
  console.log(`=== Node ${major}`);
  const { status } = spawnSync(process.execPath, [onNode, String(major), ...jest], {
    stdio: 'inherit',
  });
  return status !== 0;
});
for (const major of majors) {
  console.log(`Node ${major}: ${failed.includes(major) ? 'FAILED' : 'passed'}`);
}
if (failed.length > 0) process.exitCode = 1;
