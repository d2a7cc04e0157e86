import { JobPayloadError } from '../errors.ts';
import { jsonCopy } from './json-copy.ts';

/** What is stored. */
export interface JsonKind {
  /** What to call it in messages: `payload`. */
  readonly what: string;
  /** Longest JSON text, in bytes of UTF-8. */
  readonly maxBytes: number;
}

const payloadKind: JsonKind = { what: 'payload', maxBytes: 1_000_000 };

/**
 * The payload as its handler will get it: after a round through JSON. Refuses everything that some store
 * cannot keep, with or without a store, so that no job works in development only.
 *
 * @throws {@link JobPayloadError}
 */
export function toJson(name: string, payload: unknown, kind: JsonKind = payloadKind): unknown {
  const { what, maxBytes } = kind;
  let text: string;
  try {
    text = JSON.stringify(jsonCopy(name, payload, what));
  } catch (error) {
    if (error instanceof JobPayloadError) throw error;
    // A getter or a `toJSON()` of the payload threw.
    throw new JobPayloadError(`The ${what} of ${name} cannot be read`, { cause: error });
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new JobPayloadError(
      `The ${what} of ${name} has ${bytes} bytes as JSON (allowed: ${maxBytes})`,
    );
  }
  return JSON.parse(text);
}
