import { inspect } from 'node:util';
import { JobPayloadError } from '../errors.ts';
import { type StandardSchema, validate } from './standard-schema.ts';

const maxBytes = 1_000_000;
const maxDepth = 100;

// PostgreSQL's jsonb takes neither NUL nor half of a surrogate pair, which JSON.stringify() writes as
// escapes; an escaped backslash before the `u` makes it plain text.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * The payload as its handler will see it: gone through JSON. Everything that some backend could not carry
 * is refused, with or without a backend, so that a job never works in development only.
 *
 * @throws {@link JobPayloadError}
 */
export function carry(name: string, payload: unknown): unknown {
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

/**
 * What a schema makes of a payload; without one, the payload.
 *
 * @throws {@link JobPayloadError} with the schema's issues
 */
export async function conform(
  name: string,
  schema: StandardSchema | undefined,
  payload: unknown,
): Promise<unknown> {
  if (schema === undefined) return payload;
  const result = await validate(schema, payload);
  if (result.issues === undefined) return result.value;
  const found = result.issues.map((issue) => issue.message).join('; ');
  throw new JobPayloadError(`The payload of ${name} is not what its schema allows: ${found}`, {
    issues: result.issues,
  });
}

/** How deep a JSON text is nested. Text inside strings does not count. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, (depth += 1));
    else if (token === ']' || token === '}') depth -= 1;
  }
  return deepest;
}
