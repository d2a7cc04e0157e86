import { inspect } from 'node:util';
import { JobPayloadError } from '../errors.ts';

/** Longest JSON text of a payload, in bytes of UTF-8. */
const maxBytes = 1_000_000;
/** Most levels of arrays and objects in a payload. */
const maxDepth = 100;

// PostgreSQL's jsonb refuses NUL and halves of surrogate pairs, which JSON.stringify() writes as escapes
// (https://www.postgresql.org/docs/current/datatype-json.html). An even number of backslashes before the
// last one makes an escape of it, an odd number plain text.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * The payload as its handler will get it: after a round through JSON. Refuses everything that some store
 * cannot keep, with or without a store, so that no job works in development only.
 *
 * @throws {@link JobPayloadError}
 */
export function toJson(name: string, payload: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    throw new JobPayloadError(`The payload of ${name} is no JSON`, { cause: error });
  }
  if (text === undefined) {
    throw new JobPayloadError(`The payload of ${name} is no JSON: ${inspect(payload)}`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new JobPayloadError(
      `The payload of ${name} has ${bytes} bytes as JSON (allowed: ${maxBytes})`,
    );
  }
  if (unstorable.test(text)) {
    throw new JobPayloadError(
      `The payload of ${name} holds a NUL character or half of a surrogate pair`,
    );
  }
  if (depthOf(text) > maxDepth) {
    throw new JobPayloadError(`The payload of ${name} is nested more than ${maxDepth} deep`);
  }
  return JSON.parse(text);
}

/** The levels of arrays and objects in a JSON text. Brackets inside strings do not count. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, (depth += 1));
    else if (token === ']' || token === '}') depth -= 1;
  }
  return deepest;
}
