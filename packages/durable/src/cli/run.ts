import { openJobs } from '../open-jobs.ts';
import { version } from '@outlive/core/internal';
import { parseCall, UsageError } from './arguments.ts';
import { commands } from './commands.ts';
import { help } from './help.ts';
import { openStore } from './open-store.ts';

/** What the program ends with. */
const exitCodes = { done: 0, refused: 1, usage: 2, store: 3 } as const;

/**
 * Runs the program.
 *
 * @returns its exit code
 */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  try {
    return await runCommand(args, env);
  } catch (error) {
    const isUsage =
      error instanceof UsageError || error instanceof TypeError || error instanceof RangeError;
    const { message } = error as Error;
    process.stderr.write(`${message}\n${isUsage ? 'See outlive-durable --help\n' : ''}`);
    return isUsage ? exitCodes.usage : exitCodes.store;
  }
}

async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { command, words, options: given } = parseCall(args);
  if (command === 'version' || command === 'help') {
    process.stdout.write(command === 'help' ? help : `${version}\n`);
    return exitCodes.done;
  }
  const options = { ...given, store: given.store ?? env['OUTLIVE_STORE'] };
  const backend = openStore(options);
  const jobs = await openJobs({
    jobs: [],
    backend,
    work: false,
    // What the application is told too.
    exceptionHandler: () => undefined,
  });
  try {
    const done = await commands[command]({ jobs, backend, words, options });
    return done ? exitCodes.done : exitCodes.refused;
  } finally {
    await jobs.close();
  }
}
