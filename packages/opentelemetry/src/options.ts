import { checkBoolean, checkOneOf, checkOptions, type KnownOptions } from '@outlive/core/internal';

/** How jobs are traced and counted. Everything is optional. */
export interface OutliveInstrumentationOptions {
  /**
   * What the span of a job is to the span that was active when the job was spawned. `'link'`: a trace of its own, with
   * a link to it, since a job may outlive its request by far. `'child'`: a child. Atomic handlers are always children.
   * @defaultValue `'link'`
   */
  readonly relation?: 'link' | 'child' | undefined;
  /**
   * Whether metrics have the attribute `outlive.job.name`. Only where there are few names.
   * @defaultValue `false`
   */
  readonly jobNames?: boolean | undefined;
  /** Whether it begins at once. @defaultValue `true` */
  readonly enabled?: boolean | undefined;
}

export type ResolvedOptions = {
  readonly [K in keyof OutliveInstrumentationOptions]-?: Exclude<
    OutliveInstrumentationOptions[K],
    undefined
  >;
};

const known: KnownOptions<OutliveInstrumentationOptions> = {
  relation: true,
  jobNames: true,
  enabled: true,
};

/** @throws TypeError for a bad option, naming it */
export function resolveOptions(
  options: OutliveInstrumentationOptions | undefined,
): ResolvedOptions {
  const {
    relation = 'link',
    jobNames = false,
    enabled = true,
  } = checkOptions('options', options, known);
  return {
    relation: checkOneOf('relation', relation, ['link', 'child']),
    jobNames: checkBoolean('jobNames', jobNames),
    enabled: checkBoolean('enabled', enabled),
  };
}
