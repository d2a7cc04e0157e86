import { expected } from '@outlive/core/internal';
import type { SchemaIssue } from '../errors.ts';

/**
 * A validator after https://standardschema.dev: those of Zod, Valibot, ArkType and others.
 * `I` is what it takes, `O` what it makes of it.
 */
export interface StandardSchema<I = unknown, O = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<O> | Promise<SchemaResult<O>>;
    readonly types?: { readonly input: I; readonly output: O } | undefined;
  };
}

/** What a validator says. */
export type SchemaResult<O> =
  { readonly value: O; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export function checkSchema(value: unknown): StandardSchema {
  const schema = value as Partial<StandardSchema> | null | undefined;
  const standard = ['object', 'function'].includes(typeof schema)
    ? schema?.['~standard']
    : undefined;
  if (typeof standard?.validate !== 'function') {
    throw new TypeError(expected('schema', 'a Standard Schema', value));
  }
  return schema as StandardSchema;
}

export async function validate(
  schema: StandardSchema,
  value: unknown,
): Promise<SchemaResult<unknown>> {
  return schema['~standard'].validate(value);
}
