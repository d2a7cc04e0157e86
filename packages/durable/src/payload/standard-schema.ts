import { expected } from '@outlive/core/internal';

/**
 * A validator after https://standardschema.dev: those of Zod, Valibot, ArkType and others.
 * `I` is its input, `O` its output.
 */
export interface StandardSchema<I = unknown, O = unknown> {
  /** Where the standard puts the validator. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<O> | Promise<SchemaResult<O>>;
    readonly types?: { readonly input: I; readonly output: O } | undefined;
  };
}

/** What a validator returns: its output, or its issues. */
export type SchemaResult<O> =
  { readonly value: O; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One objection of a validator. */
export interface SchemaIssue {
  /** What is wrong, in the words of the validator. */
  readonly message: string;
  /** Where in the value; none for the value as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export function checkSchema(value: unknown): StandardSchema {
  const schema = value as Partial<StandardSchema> | null | undefined;
  // ArkType's schemas are functions.
  const standard = ['object', 'function'].includes(typeof schema)
    ? schema?.['~standard']
    : undefined;
  if (typeof standard?.validate !== 'function') {
    throw new TypeError(expected('schema', 'a Standard Schema', value));
  }
  return schema as StandardSchema;
}
