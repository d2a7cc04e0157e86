import { JobPayloadError } from '../errors.ts';
import type { StandardSchema } from './standard-schema.ts';

/**
 * The schema's output for a payload; without a schema, the payload.
 *
 * @throws {@link JobPayloadError} (rejects) with the schema's issues
 */
export async function validatePayload(
  name: string,
  schema: StandardSchema | undefined,
  payload: unknown,
): Promise<unknown> {
  if (schema === undefined) return payload;
  const result = await schema['~standard'].validate(payload);
  if (result.issues === undefined) return result.value;
  const found = result.issues.map((issue) => issue.message).join('; ');
  throw new JobPayloadError(`The payload of ${name} is not what its schema allows: ${found}`, {
    issues: result.issues,
  });
}
