import type { Hello, ShownFailure, ShownStore, Table, Update } from '../wire.ts';
import type { EventStream } from './event-stream.ts';
import type { Snapshot, View } from './view.ts';

/** Time in ms after which a page has to ask for its stream anew: `authorize` may say something else by then. */
const renewEvery = 30_000;
/** Time in ms in which it closes the old one when it has the new one: so long nothing stops, and the charts go on. */
const renewWithin = 5_000;

/** What there is to send at one moment. */
export interface Present {
  readonly snapshot: Snapshot;
  readonly update: Pick<Update, 'now' | 'counts' | 'samples'>;
  readonly failures: { readonly version: number; readonly all: () => ShownFailure[][] };
  readonly stores: { readonly version: number; readonly all: (ShownStore | null)[] };
}

/** One open page: what it looks at, and what it has got already. */
export class Watcher {
  readonly stream: EventStream;
  readonly #view: View;
  /** By the monotonic clock, in ms. */
  readonly #since = performance.now();
  #isOver = false;
  #table = '';
  #failures = -1;
  #stores = -1;

  constructor(stream: EventStream, view: View, hello: Hello) {
    this.stream = stream;
    this.#view = view;
    stream.send('hello', hello);
  }

  /** Sends what has changed, if the client can take it. */
  send(present: Present): void {
    const { update, snapshot, failures, stores } = present;
    if (!this.stream.isReady(update.now)) return;
    const age = performance.now() - this.#since;
    if (age > renewEvery) {
      if (!this.#isOver) this.stream.send('renew', {});
      else if (age > renewEvery + renewWithin) this.stream.end();
      this.#isOver = true;
      return;
    }
    const table = snapshot.table(this.#view);
    this.stream.send('update', {
      ...update,
      table: this.#changed(table),
      failures: this.#failures === failures.version ? undefined : failures.all(),
      stores: this.#stores === stores.version ? undefined : stores.all,
    } satisfies Update);
    this.#failures = failures.version;
    this.#stores = stores.version;
  }

  #changed(table: Table): Table | undefined {
    const text = JSON.stringify(table);
    if (text === this.#table) return undefined;
    this.#table = text;
    return table;
  }
}
