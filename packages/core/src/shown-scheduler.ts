import { printedAs } from './util/printed-as.ts';

/** What of a scheduler is shown. */
interface Shown {
  readonly name: string | undefined;
  readonly limit: number;
  readonly activeCount: number;
  readonly pendingCount: number;
  readonly closed: boolean;
}

/** How a scheduler is printed by `console.log()`: without its inner fields. */
export function showSchedulers(prototype: Shown): void {
  printedAs(prototype, (scheduler) => {
    const { name, limit, activeCount, pendingCount, closed } = scheduler;
    const shown = { name, limit, activeCount, pendingCount, closed };
    return { title: scheduler.constructor.name, short: name ?? '', shown };
  });
}
