// Not the globals, so that fake timers in a user's tests do not run it.
import { clearInterval, setImmediate, setInterval } from 'node:timers';
import type { Scheduler } from '@outlive/core';
import { onAbort } from '@outlive/core/internal';
import type { Exchange } from '../exchange.ts';
import type { Source } from '../sources.ts';
import { StoreWatch } from '../stored/store-watch.ts';
import type { ResolvedOptions } from '../options.ts';
import type { Hello } from '../wire.ts';
import { EventStream } from './event-stream.ts';
import { History, watchStarts } from './history.ts';
import { Snapshot, type View } from './view.ts';
import { Watcher } from './watcher.ts';

/** Time in ms between two updates: short, so that a busy server still has some time left until a second is over. */
const updateEvery = 333;
/** Updates between two samples of the charts. */
const updatesPerSample = 3;

/** Sends all open pages what they show. Holds a timer and subscriptions only while there are any. */
export class Broadcast {
  readonly #sources: readonly Source[];
  readonly #stores: StoreWatch;
  readonly #histories: ReadonlyMap<Scheduler, History>;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void)[] = [];
  #updates = 0;

  constructor(sources: readonly Source[], options: ResolvedOptions) {
    this.#sources = sources;
    this.#stores = new StoreWatch(sources, options);
    this.#histories = new Map(sources.map(({ scheduler }) => [scheduler, new History()]));
  }

  get size(): number {
    return this.#watchers.size;
  }

  /** Opens a stream for a page. */
  add(exchange: Exchange, view: View, about: Omit<Hello, 'history'>): void {
    const stream = new EventStream(exchange, () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stop();
    });
    const history = [...this.#histories.values()].map(({ samples }) => samples);
    const watcher = new Watcher(stream, view, { ...about, history });
    this.#watchers.add(watcher);
    if (this.#timer === undefined) this.#start();
    watcher.send(this.#present(false));
  }

  /** Ends all streams: the server is about to close. */
  end(): void {
    for (const { stream } of this.#watchers) stream.end();
  }

  /** What a store holds has been changed from here. */
  storeChanged(): void {
    this.#stores.askSoon();
  }

  #start(): void {
    this.#timer = setInterval(() => this.#update(), updateEvery);
    this.#timer.unref();
    this.#unwatch = [watchStarts(this.#histories), this.#stores.start()];
    for (const { scheduler } of this.#sources) {
      // A drain may be that of a server which closes.
      const { drainSignal } = scheduler;
      if (!drainSignal.aborted) this.#unwatch.push(onAbort(drainSignal, this.#endUnwantedSoon));
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const unwatch of this.#unwatch) unwatch();
    this.#unwatch = [];
    for (const history of this.#histories.values()) history.pause();
  }

  readonly #endUnwantedSoon = (): void => {
    setImmediate(() => this.#endUnwanted());
  };

  #endUnwanted(): void {
    for (const { stream } of this.#watchers) if (!stream.isWanted) stream.end();
  }

  #update(): void {
    this.#endUnwanted();
    this.#updates += 1;
    const present = this.#present(this.#updates % updatesPerSample === 0);
    for (const watcher of this.#watchers) watcher.send(present);
  }

  #present(withSamples: boolean) {
    const snapshot = new Snapshot(this.#sources);
    const { now, counts } = snapshot;
    const samples = withSamples
      ? [...this.#histories.values()].flatMap((history, index) => {
          const count = counts[index];
          return count === undefined ? [] : [history.sample(count, now)];
        })
      : undefined;
    return {
      snapshot,
      update: { now, counts, samples },
      failures: {
        version: this.#sources.reduce((sum, { failures }) => sum + failures.version, 0),
        all: () => this.#sources.map(({ failures }) => failures.all),
      },
      stores: this.#stores.shown,
    };
  }
}
