import { JobResultError } from '../errors.ts';
import type { JobDefinition } from '../job-definition.ts';
import { type JsonKind, toJson } from './to-json.ts';

const resultKind: JsonKind = { what: 'result', maxBytes: 65_536 };

/**
 * What a handler has returned, as a store can keep it; `undefined` for nothing.
 *
 * @throws {@link JobResultError} for what no store can keep
 */
export function toResult({ name, options }: JobDefinition, returned: unknown): unknown {
  if (returned === undefined || !options.keepResult) return undefined;
  try {
    return toJson(name, returned, resultKind);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = 'return less, or nothing, or set keepResult: false';
    throw new JobResultError(`${reason}: ${hint}`, { cause: error });
  }
}
