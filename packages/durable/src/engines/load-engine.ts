import { EngineMissingError } from '../errors.ts';

/**
 * Loads an engine, which is an optional peer: only users of a store install its engine.
 *
 * @param load - `() => import(name)`, spelled out by the caller so that bundlers see it
 * @param proof - a function that only the supported versions export
 * @throws {@link EngineMissingError} (rejects) with the command to run
 */
export async function loadEngine<M extends object>(
  name: string,
  range: string,
  load: () => Promise<M>,
  proof: keyof M,
): Promise<M> {
  const install = `run: npm install "${name}@${range}"`;
  let engine: M;
  try {
    engine = await load();
  } catch (error) {
    throw new EngineMissingError(`${name} cannot be loaded; ${install}`, { cause: error });
  }
  if (typeof engine[proof] === 'function') return engine;
  throw new EngineMissingError(`The ${name} installed is not of ${range}; ${install}`);
}
