import { JobPayloadError } from '../errors.ts';
import { jsonCopy } from './json-copy.ts';

/** Longest JSON text of a payload, in bytes of UTF-8. */
const maxBytes = 1_000_000;

/**
 * The payload as its handler will get it: after a round through JSON. Refuses everything that some store
 * cannot keep, with or without a store, so that no job works in development only.
 *
 * @throws {@link JobPayloadError}
 */
export function toJson(name: string, payload: unknown): unknown {
  let text: string;
  try {
    text = JSON.stringify(jsonCopy(name, payload));
  } catch (error) {
    if (error instanceof JobPayloadError) throw error;
    // A getter or a `toJSON()` of the payload threw.
    throw new JobPayloadError(`The payload of ${name} cannot be read`, { cause: error });
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new JobPayloadError(
      `The payload of ${name} has ${bytes} bytes as JSON (allowed: ${maxBytes})`,
    );
  }
  return JSON.parse(text);
}
