import type { BackendFeature, JobBackend } from './backend.ts';

/** Whether a store can do what not every store can. */
export function supports({ features = [] }: JobBackend, feature: BackendFeature): boolean {
  return features.includes(feature);
}
