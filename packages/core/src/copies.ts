import type { Pool } from './pool/pool.ts';
import { version } from './version.ts';

// A process may load this package more than once: two versions are installed, `jest.resetModules()` was called, a
// bundler took one copy in and left another out. `Symbol.for()` gives all copies the same symbols.

/** Where a scheduler has its pool: copies of one version read each other's, those of two versions must not. */
export const poolKey: unique symbol = Symbol.for(`@outlive/core@${version}:pool`) as never;

/** Where a scheduler of any version says which copy made it. */
const copyKey = Symbol.for('@outlive/core:copy');

/** One copy of this package. */
interface Copy {
  readonly version: string;
  /** `undefined` in the output of a bundler, which may have no such thing. */
  readonly folder: string | undefined;
}

const thisCopy: Copy = {
  version,
  folder: typeof __dirname === 'string' ? __dirname : undefined,
};

/** What only schedulers of this version have. */
export interface WithPool {
  readonly [poolKey]: Pool;
}

/** Has the instances of a class say which copy made them. */
export function markCopy(prototype: object): void {
  Object.defineProperty(prototype, copyKey, { value: thisCopy });
}

/** Gives a scheduler its pool, where no type and no `console.log()` shows it. */
export function keepPool(scheduler: object, pool: Pool): void {
  Object.defineProperty(scheduler, poolKey, { value: pool });
}

export function hasPool(value: unknown): value is WithPool {
  return typeof value === 'object' && value !== null && poolKey in value;
}

/** What is wrong with a scheduler that another version made; empty for anything else. */
export function otherCopy(value: unknown): string {
  const made = copyOf(value);
  if (made === undefined) return '';
  return (
    `: it is one of ${described(made)}, and this is ${described(thisCopy)}.` +
    ' Give all @outlive packages the same version, so that one copy is installed (see `npm ls @outlive/core`)'
  );
}

function copyOf(value: unknown): Partial<Copy> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { [copyKey]: copy, spawnNow, waitAndClose } = value as Record<PropertyKey, unknown>;
  if (typeof copy === 'object' && copy !== null) return copy;
  // The first versions did not say.
  const looksLikeOne = typeof spawnNow === 'function' && typeof waitAndClose === 'function';
  return looksLikeOne ? {} : undefined;
}

function described({ version: ofCopy = 'of another version', folder }: Partial<Copy>): string {
  return `@outlive/core ${ofCopy}${folder === undefined ? '' : ` (${folder})`}`;
}
