import type { JobRecord } from '@outlive/core/internal';
import type { LiveState, ShownJob, Table } from '../wire.ts';
import type { Source } from '../sources.ts';
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
  readonly #sources: readonly Source[];
  readonly #jobs: (readonly JobRecord[])[] = [];
  readonly #tables = new Map<string, Table>();

  constructor(sources: readonly Source[], now: number = Date.now()) {
    this.#sources = sources;
    this.now = now;
  }

  table(view: View): Table {
    const key = JSON.stringify(view);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = this.#select(view);
    this.#tables.set(key, table);
    return table;
  }

  #jobsOf(index: number): readonly JobRecord[] {
    this.#jobs[index] ??= [...(this.#sources[index]?.scheduler ?? [])] as JobRecord[];
    return this.#jobs[index];
  }

  #select(view: View): Table {
    const byState = { pending: 0, active: 0, closing: 0 };
    const found: Found[] = [];
    for (const source of this.#sources.keys()) {
      if (view.source !== undefined && view.source !== source) continue;
      for (const job of this.#jobsOf(source)) {
        const state = job.state as LiveState;
        if (view.search !== '' && !matches(job, view.search)) continue;
        byState[state] += 1;
        if (view.state === undefined || view.state === state) found.push({ job, source });
      }
    }
    const order = orders[view.sort];
    if (view.sort !== 'age' || this.#sources.length > 1) {
      found.sort((a, b) => order(a.job, b.job, this.now));
    }
    const offset = view.offset < found.length ? view.offset : 0;
    const shown = found.slice(offset, offset + mostRows);
    const rows: ShownJob[] = shown.map(({ job, source }) => shownJob(job, source));
    return { rows, matching: found.length, byState, offset };
  }
}

interface Found {
  readonly job: JobRecord;
  readonly source: number;
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
