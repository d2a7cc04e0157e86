import type { BackendFeature, JobBackend } from './backend.ts';
import type { ResolvedEnqueueOptions } from './enqueue-options.ts';
import { UnsupportedError } from './errors.ts';
import type { JobDefinition } from './job-definition.ts';
import { nameOf } from './store-failure.ts';

/** Whether a store can do what not every store can. */
export function supports({ features = [] }: JobBackend, feature: BackendFeature): boolean {
  return features.includes(feature);
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
  for (const [feature, isWanted] of [
    ['window', window !== undefined],
    ['replace', replace],
  ] as const) {
    if (isWanted && !supports(backend, feature)) {
      throw new UnsupportedError(nameOf(backend), feature);
    }
  }
}
