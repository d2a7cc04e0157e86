import type { BackendFeature, JobBackend } from './backend.ts';
import type { ResolvedEnqueueOptions } from './enqueue-options.ts';
import { UnsupportedError } from './errors.ts';
import type { JobDefinition } from './job-definition.ts';
import { nameOf } from './store-failure.ts';

/** @throws {@link UnsupportedError} for what the definitions ask for, and the store cannot do */
export function checkDefinitions(
  backend: JobBackend,
  definitions: ReadonlyMap<string, JobDefinition>,
): void {
  for (const { name, options } of definitions.values()) {
    const { schedules, perKey, rate } = options;
    const of = ` (of the job ${name})`;
    if (schedules.length > 0 && backend.schedules === undefined) {
      throw new UnsupportedError(nameOf(backend), `schedules${of}`);
    }
    checkFeatures(backend, { perKey: perKey !== undefined, rate: rate !== undefined }, of);
  }
}

/**
 * @throws {@link UnsupportedError} where the store cannot do what a call asks for, TypeError where the definition of the
 *   job makes no use of it
 */
export function checkSupport(
  backend: JobBackend,
  { name, options }: JobDefinition,
  { tx, window, replace = false, group }: Partial<ResolvedEnqueueOptions>,
): void {
  if (tx !== undefined && backend.transaction === undefined) {
    throw new UnsupportedError(nameOf(backend), 'tx');
  }
  if (group !== undefined && options.perKey === undefined) {
    throw new TypeError(`A \`group\` is of no use to ${name}, which has no \`perKey\``);
  }
  checkFeatures(backend, { window: window !== undefined, replace });
}

/** @param of - what wants the features, for the message */
function checkFeatures(
  backend: JobBackend,
  wanted: Readonly<Partial<Record<BackendFeature, boolean>>>,
  of = '',
): void {
  const features: readonly string[] = backend.features ?? [];
  for (const [feature, isWanted] of Object.entries(wanted)) {
    if (isWanted && !features.includes(feature)) {
      throw new UnsupportedError(nameOf(backend), feature + of);
    }
  }
}
