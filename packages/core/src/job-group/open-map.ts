import type { JobContext } from '../job.ts';
import type { Pool } from '../pool/pool.ts';
import { checkBoolean, checkJobFunction } from '../util/check.ts';
import { checkOptions, type KnownOptions } from '../util/check-options.ts';
import { expected } from '../util/expected.ts';
import type { GroupOptions } from './job-group.ts';
import { Mapping } from './mapping.ts';
import { openGroup } from './open-group.ts';

/** How `map()` runs its function. Everything is optional. */
export interface MapOptions extends Omit<GroupOptions, 'failFast'> {
  /** Items that are under way at once, or have results that were not taken yet, from 1. @defaultValue `10` */
  readonly limit?: number | undefined;
  /** Whether results come in the order of their items, and not in that of completion. @defaultValue `false` */
  readonly ordered?: boolean | undefined;
}

/** What is called for each item, as a job. */
export type MapFunction<T, R> = (item: Awaited<T>, job: JobContext) => R | PromiseLike<R>;

/** Where its items come from. */
export type MapSource<T> = AsyncIterable<T> | Iterable<T>;

/** What it gives: iterate over it once. */
export type MapResults<R> = AsyncGenerator<Awaited<R>, void, undefined>;

const optionNames: KnownOptions<MapOptions> = {
  limit: true,
  ordered: true,
  signal: true,
  inside: true,
  name: true,
};

const defaultLimit = 10;

/** @throws TypeError or RangeError, before anything is taken from the source */
export function openMap<T, R>(
  pool: Pool,
  source: MapSource<T>,
  fn: MapFunction<T, R>,
  options: MapOptions | undefined,
): MapResults<R> {
  const { [Symbol.asyncIterator]: ofAsync, [Symbol.iterator]: ofSync } = Object(source) as {
    [Symbol.asyncIterator]?: unknown;
    [Symbol.iterator]?: unknown;
  };
  if (typeof ofAsync !== 'function' && typeof ofSync !== 'function') {
    throw new TypeError(expected('source', 'an iterable or an async iterable', source));
  }
  checkJobFunction('fn', fn);
  const { ordered = false, limit, ...others } = checkOptions('options', options, optionNames);
  checkBoolean('ordered', ordered);
  const most = limit === undefined ? defaultLimit : limit;
  const group = openGroup(pool, { ...others, limit: most });
  const mapping = new Mapping<Awaited<T>, R>(group, fn, most, ordered);
  const results = mapping.results(source as AsyncIterable<Awaited<T>>);
  return results as MapResults<R>;
}
