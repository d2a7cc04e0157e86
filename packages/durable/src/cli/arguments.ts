import { parseArgs } from 'node:util';
import { nearest } from '@outlive/core/internal';

/** The options of all commands, as `parseArgs()` knows them. */
const options = {
  store: { type: 'string' },
  schema: { type: 'string' },
  prefix: { type: 'string' },
  name: { type: 'string' },
  state: { type: 'string' },
  error: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type OptionName = keyof typeof options;

/** Where the store is, for all commands. */
const everywhere: readonly OptionName[] = ['store', 'schema', 'prefix', 'json', 'help', 'version'];

export type CommandName =
  'list' | 'get' | 'retry' | 'cancel' | 'discard' | 'pause' | 'resume' | 'depth';

/** What a command takes besides. */
interface Command {
  readonly options: readonly OptionName[];
  readonly words: 'ids' | 'names' | 'none';
}

const commands: Readonly<Record<CommandName, Command>> = {
  list: { options: ['name', 'state', 'limit', 'after'], words: 'none' },
  get: { options: [], words: 'ids' },
  retry: { options: ['name', 'error'], words: 'ids' },
  cancel: { options: [], words: 'ids' },
  discard: { options: [], words: 'ids' },
  pause: { options: [], words: 'names' },
  resume: { options: [], words: 'names' },
  depth: { options: ['name'], words: 'none' },
};

/** A call of the program. */
export interface Call {
  /** `help` for anything that asks for it. */
  readonly command: CommandName | 'help' | 'version';
  /** The ids or names. */
  readonly words: readonly string[];
  readonly options: { readonly [name in OptionName]?: string | boolean | undefined };
}

/** The program was called in a way that it does not know. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseCall(given: readonly string[]): Call {
  const { values, positionals } = parse(given);
  const [topic, command, ...words] = positionals;
  if (values.version === true) return { command: 'version', words: [], options: {} };
  const call = { words, options: values };
  if (values.help === true || topic === undefined) return { ...call, command: 'help' };
  if (topic !== 'jobs') throw new UsageError(`Expected \`jobs\`, got \`${topic}\``);
  if (command === undefined) return { ...call, command: 'help' };
  if (!isCommand(command)) throw unknown('command', command, Object.keys(commands));
  checkOptions(command, Object.keys(values) as OptionName[]);
  checkWords(command, words, values.name);
  return { ...call, command };
}

function parse(given: readonly string[]): {
  values: Call['options'];
  positionals: string[];
} {
  const args = [...given];
  const { tokens } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name in options) continue;
    const names = Object.keys(options).map((name) => `--${name}`);
    throw unknown('option', token.rawName, names);
  }
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Of Node, such as an option without its value.
    throw new UsageError((error as Error).message.split('. ')[0], { cause: error });
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function checkOptions(command: CommandName, given: readonly OptionName[]): void {
  const taken: readonly OptionName[] = [...everywhere, ...commands[command].options];
  const other = given.find((name) => !taken.includes(name));
  if (other !== undefined) {
    const allowed = taken.map((name) => `--${name}`).join(' ');
    throw new UsageError(`\`jobs ${command}\` takes no --${other}. It takes ${allowed}`);
  }
}

function checkWords(command: CommandName, words: readonly string[], name: unknown): void {
  const { words: wanted } = commands[command];
  if (wanted === 'none') {
    if (words.length > 0) throw new UsageError(`\`jobs ${command}\` takes no \`${words[0]}\``);
    return;
  }
  const isForAll = command === 'retry' && name !== undefined;
  if (isForAll && words.length > 0) {
    throw new UsageError(
      'Give `jobs retry` the ids of jobs, or --name for all that failed: not both',
    );
  }
  if (!isForAll && words.length === 0) {
    const all = command === 'retry' ? ', or --name for all that failed' : '';
    throw new UsageError(`Give \`jobs ${command}\` the ${wanted} of jobs${all}`);
  }
}

function unknown(what: string, given: string, known: readonly string[]): UsageError {
  const meant = nearest(given, known);
  const question = meant === undefined ? '' : ` Did you mean \`${meant}\`?`;
  return new UsageError(`Unknown ${what} \`${given}\`.${question} Known: ${known.join(', ')}`);
}
