import { type JobRecord, poolOf } from '@outlive/core/internal';
import type { Counts, LiveState, ShownJob, Table } from '../wire.ts';
import type { Source } from '../sources.ts';
import { countsOf } from './counts.ts';
import { firstOf } from './first-of.ts';
import { requestLine, shownJob, shownName } from './shown-job.ts';

/** Rows of one page of the table. */
const mostRows = 25;
/** Characters of a search that count. */
const longestSearch = 200;

const sortings = ['age', 'wait', 'run', 'name'] as const;
const liveStates: readonly LiveState[] = ['pending', 'active', 'closing'];

/** Which live jobs a page shows, in which order. */
export interface View {
  /** `undefined`: those of all sources. */
  readonly source: number | undefined;
  readonly state: LiveState | undefined;
  /** In small letters; in the name, the request or the id. */
  readonly search: string;
  readonly sort: (typeof sortings)[number];
  readonly offset: number;
}

/** Reads a view from the query of a URL. What cannot be understood counts as not given. */
export function viewOf(query: URLSearchParams): View {
  const whole = (name: string): number | undefined => {
    const text = query.get(name) ?? '';
    return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
  };
  return {
    source: whole('source'),
    state: liveStates.find((each) => each === query.get('state')),
    search: (query.get('search') ?? '').slice(0, longestSearch).toLowerCase(),
    sort: sortings.find((each) => each === query.get('sort')) ?? 'age',
    offset: whole('offset') ?? 0,
  };
}

/** The live jobs of all sources at one moment: listed once, however many pages look. */
export class Snapshot {
  readonly now: number;
  readonly counts: readonly Counts[];
  readonly #sources: readonly Source[];
  readonly #jobs: (readonly JobRecord[])[] = [];
  readonly #tables = new Map<string, Table>();

  constructor(sources: readonly Source[], now: number = Date.now()) {
    this.#sources = sources;
    this.now = now;
    this.counts = sources.map(({ scheduler }) => countsOf(scheduler));
  }

  table(view: View): Table {
    const key = JSON.stringify(view);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = this.#select(view);
    this.#tables.set(key, table);
    return table;
  }

  /** The oldest first. */
  #jobsOf(index: number): readonly JobRecord[] {
    const source = this.#sources[index];
    if (source === undefined) return [];
    this.#jobs[index] ??= poolOf(source.scheduler).jobsOf();
    return this.#jobs[index];
  }

  #select(view: View): Table {
    const { source, state, search, sort, offset: asked } = view;
    const indexes = source === undefined ? [...this.#sources.keys()] : [source];
    const byState = { pending: 0, active: 0, closing: 0 };
    const lists = indexes.map((index) => {
      const jobs = this.#jobsOf(index);
      // There may be 10,000: what can be known without a look at each, is.
      if (search !== '') return matching(jobs, search, state, byState);
      for (const each of liveStates) byState[each] += this.counts[index]?.[each] ?? 0;
      return state === undefined ? jobs : jobs.filter((job) => job.state === state);
    });
    const count = lists.reduce((sum, { length }) => sum + length, 0);
    const offset = asked < count ? asked : 0;
    const [only] = lists;
    const jobs =
      only !== undefined && lists.length === 1 && sort === 'age'
        ? only
        : firstOf(lists.flat(), offset + mostRows, (a, b) => orders[sort](a, b, this.now));
    const rows = jobs
      .slice(offset, offset + mostRows)
      .map((job): ShownJob => shownJob(job, this.#sourceOf(job)));
    return { rows, matching: count, byState, offset };
  }

  #sourceOf({ owner }: JobRecord): number {
    return this.#sources.findIndex(({ scheduler }) => poolOf(scheduler) === owner.host);
  }
}

/** The jobs that a search finds, of one state if one is given; counts those of all states. */
function matching(
  jobs: readonly JobRecord[],
  search: string,
  wanted: LiveState | undefined,
  byState: Record<LiveState, number>,
): JobRecord[] {
  return jobs.filter((job) => {
    if (!matches(job, search)) return false;
    const state = job.state as LiveState;
    byState[state] += 1;
    return wanted === undefined || wanted === state;
  });
}

function matches(job: JobRecord, search: string): boolean {
  if (`#${job.id}` === search) return true;
  if (shownName(job.name).toLowerCase().includes(search)) return true;
  return requestLine(job)?.toLowerCase().includes(search) === true;
}

/** The longest first; names from A to Z. */
const orders: Record<View['sort'], (a: JobRecord, b: JobRecord, now: number) => number> = {
  age: (a, b) => a.spawnedAt - b.spawnedAt,
  wait: (a, b, now) => waited(b, now) - waited(a, now),
  run: (a, b) => (a.startedAt ?? Infinity) - (b.startedAt ?? Infinity) || a.spawnedAt - b.spawnedAt,
  name: (a, b) => compare(a.name ?? '', b.name ?? '') || a.spawnedAt - b.spawnedAt,
};

function waited({ spawnedAt, startedAt }: JobRecord, now: number): number {
  return (startedAt ?? now) - spawnedAt;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
