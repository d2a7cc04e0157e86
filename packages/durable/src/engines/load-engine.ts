import { EngineMissingError } from '../errors.ts';

/** What `import()` gives, reduced to what is used of it. */
type Loaded = Record<string, unknown>;

/**
 * Loads an engine, which is an optional peer: only who uses a backend installs its engine.
 *
 * @param load - `() => import(name)`, spelled out by the caller so that bundlers see it
 * @param proof - a function that the versions we work with export
 * @throws {@link EngineMissingError} with the command to run
 */
export async function loadEngine<M>(
  name: string,
  range: string,
  load: () => Promise<unknown>,
  proof: string,
): Promise<M> {
  const install = `run: npm install "${name}@${range}"`;
  let loaded: Loaded;
  try {
    loaded = (await load()) as Loaded;
  } catch (error) {
    throw new EngineMissingError(`${name} cannot be loaded; ${install}`, { cause: error });
  }
  if (typeof loaded[proof] === 'function') return loaded as M;
  throw new EngineMissingError(`The ${name} installed is not of ${range}; ${install}`);
}

/**
 * pg-boss is written for Node 22.12. On an older one npm even installs an old pg-boss, without a word.
 *
 * @throws {@link EngineMissingError}
 */
export function checkNode(engine: string, version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw new EngineMissingError(`${engine} needs Node 22.12 or newer, and this is Node ${version}`);
}
