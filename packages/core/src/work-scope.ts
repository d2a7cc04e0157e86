import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** A job or a shielded function: what a call can come from the inside of. */
export interface Work {
  readonly closed: boolean;
  /** The live work around this one that a look from inside has to find as well. */
  readonly _outer: Work | undefined;
}

const storage = new AsyncLocalStorage<Work | undefined>();

/**
 * Whether a context is a frame that is copied for each change (Node 24 on, AsyncContextFrame) rather than a
 * property of the current resource. Then it is cheaper to let an AsyncResource restore it than to change it back.
 */
export const contextsAreFrames: boolean = areFrames();

function areFrames(): boolean {
  const probe = new AsyncLocalStorage<boolean>();
  const resource = new AsyncResource('OutliveProbe');
  resource.runInAsyncScope(() => {
    probe.enterWith(true);
  });
  const stays = resource.runInAsyncScope(() => probe.getStore());
  probe.disable();
  return stays === undefined;
}

/** Runs `callback(work)` so that calls from its async context are known to come from inside `work`. */
export function runInside<W extends Work>(work: W, callback: (work: W) => void): void {
  storage.run(work, callback, work);
}

/** The same from here on: to the end of an AsyncResource's scope, or until the work around is entered again. */
export function enterWork(work: Work | undefined): void {
  storage.enterWith(work);
}

/** The innermost work in whose async context the caller is, live or not. */
export function innermostWork(): Work | undefined {
  return storage.getStore();
}

/** This work or, if it has ended, the first live one around it. */
export function innermostLive(work: Work | undefined): Work | undefined {
  let live = work;
  while (live?.closed === true) live = live._outer;
  return live;
}

/** The live works in whose async context the caller is, innermost first. */
export function worksAround(): Work[] {
  const works: Work[] = [];
  for (let work = storage.getStore(); work !== undefined; work = work._outer) {
    if (!work.closed) works.push(work);
  }
  return works;
}
