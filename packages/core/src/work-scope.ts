import { AsyncLocalStorage } from 'node:async_hooks';

/** A job or a shielded function that runs: what a call can be "inside" of. */
export interface Work {
  readonly _scheduler: object;
}

/** Stands for one run in its async context, and lets go of it when it has ended. */
export interface Scope<W extends Work = Work> {
  work: W | undefined;
  parent: Scope | undefined;
}

const storage = new AsyncLocalStorage<Scope>();

function live(scope: Scope | undefined): Scope | undefined {
  let found = scope;
  while (found !== undefined && found.work === undefined) found = found.parent;
  return found;
}

/** Runs `callback(work)` so that calls from its async context are known to come from inside `work`. */
export function runInside<W extends Work>(
  work: W,
  callback: (work: W, scope: Scope<W>) => void,
): void {
  const scope: Scope<W> = { work, parent: live(storage.getStore()) };
  storage.run(scope, callback, work, scope);
}

/** Ends a run. Cutting finished ancestors off here keeps a job that respawns itself from growing a chain. */
export function leave(scope: Scope): void {
  scope.work = undefined;
  scope.parent = live(scope.parent);
}

/** The live works, innermost first, in whose async context the caller is. */
export function* worksAround(): Generator<Work> {
  for (let scope = live(storage.getStore()); scope !== undefined; scope = live(scope.parent)) {
    if (scope.work !== undefined) yield scope.work;
  }
}
