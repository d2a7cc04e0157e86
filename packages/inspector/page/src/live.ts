import { effect, signal } from '@preact/signals';
import type {
  Counts,
  Hello,
  Sample,
  ShownFailure,
  ShownStore,
  Table,
  Update,
} from '../../src/wire.ts';
import { queryOf, view } from './view.ts';

/** Time in ms until the next attempt to connect, doubled up to the longest. */
const firstRetry = 500;
const longestRetry = 5_000;
/** Time in ms without an update after which a connection counts as lost: three come in a second. */
const silentAfter = 5_000;
/** Samples that the charts show. */
const mostSamples = 300;

/** Whether what the page shows is what is: `refused` where the server answers, but does not let it in any more. */
export const connection = signal<'connecting' | 'live' | 'lost' | 'refused'>('connecting');
/** What the server said at the beginning. */
export const hello = signal<Hello | undefined>(undefined);
/** The time of the server. */
export const now = signal(Date.now());
export const counts = signal<readonly Counts[]>([]);
export const table = signal<Table | undefined>(undefined);
export const failures = signal<readonly (readonly ShownFailure[])[]>([]);
export const stores = signal<readonly (ShownStore | null)[]>([]);
/** By source, the oldest first. A new array for each sample. */
export const samples = signal<readonly (readonly Sample[])[]>([]);
/** Whether the table of jobs stands still, so that it can be read. */
export const isHeld = signal(false);

let source: EventSource | undefined;
/** Open until there is something from the one after it. */
let before: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;
let delay = firstRetry;

/** Opens the stream, and opens it anew whenever what is asked for changes or it ends. */
export function connect(): void {
  effect(() => {
    open(`events?${queryOf(view.value)}`);
  });
}

function open(url: string): void {
  clearTimeout(retry);
  before?.close();
  before = source;
  const opened = new EventSource(url);
  source = opened;
  opened.addEventListener('hello', ({ data }) => {
    if (opened !== source) return;
    before?.close();
    greet(JSON.parse(data as string) as Hello);
  });
  opened.addEventListener('update', ({ data }) => {
    if (opened !== source) return;
    delay = firstRetry;
    connection.value = 'live';
    take(JSON.parse(data as string) as Update);
    expectMore(url);
  });
  opened.addEventListener('renew', () => {
    if (opened === source) open(url);
  });
  opened.addEventListener('error', () => {
    if (opened === source) lose(url);
  });
}

function expectMore(url: string): void {
  clearTimeout(silence);
  silence = setTimeout(() => {
    lose(url);
  }, silentAfter);
}

function lose(url: string): void {
  clearTimeout(silence);
  clearTimeout(retry);
  source?.close();
  before?.close();
  if (connection.value !== 'refused') connection.value = 'lost';
  void askWhy();
  retry = setTimeout(() => {
    open(url);
  }, delay);
  delay = Math.min(delay * 2, longestRetry);
}

/** An `EventSource` does not say why it fails. */
async function askWhy(): Promise<void> {
  const answer = await fetch('events', { method: 'HEAD', cache: 'no-store' }).catch(
    () => undefined,
  );
  if (connection.value === 'live') return;
  const isRefused = answer !== undefined && [401, 403].includes(answer.status);
  connection.value = isRefused ? 'refused' : 'lost';
}

function greet(said: Hello): void {
  hello.value = said;
  samples.value = said.history;
}

function take(update: Update): void {
  now.value = update.now;
  counts.value = update.counts;
  if (update.table !== undefined && !isHeld.value) table.value = update.table;
  if (update.failures !== undefined) failures.value = update.failures;
  if (update.stores !== undefined) stores.value = update.stores;
  const { samples: fresh } = update;
  if (fresh !== undefined) {
    samples.value = fresh.map((sample, index) =>
      [...(samples.value[index] ?? []), sample].slice(-mostSamples),
    );
  }
}
