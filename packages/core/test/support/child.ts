import { execFile } from 'node:child_process';
import { join } from 'node:path';

// It compiles all sources, which takes its time on a busy machine, and some tests run two.
const timeout = 60_000;
jest.setTimeout(3 * timeout);

const source = join(__dirname, '../../src/index.ts');

// Printed once at the end, and by whatever would have ended the process otherwise.
const prelude = `
  for (const event of ['unhandledRejection', 'uncaughtException', 'warning'])
    process.on(event, (error) => console.log(event, error));
`;

/** What a script did in a process of its own. */
export interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script in a process of its own, compiled in memory from the sources: Jest hides from its own
 * process what this is about. `Scheduler` and `turn` (the next turn of the event loop) are in scope.
 */
export function inChild(script: string, env: Record<string, string> = {}): Promise<Outcome> {
  const code = `${prelude}
    const { Scheduler } = require(${JSON.stringify(source)});
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    ${script}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--require', 'esbuild-register', '--eval', code],
      { env: { ...process.env, ...env }, cwd: __dirname, timeout },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr });
      },
    );
  });
}
