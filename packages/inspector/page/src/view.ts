import { effect, signal } from '@preact/signals';
import type { LiveState } from '../../src/wire.ts';

/** Which live jobs are asked for, and in which order. */
export interface View {
  readonly search: string;
  readonly state: LiveState | '';
  readonly source: string;
  readonly sort: string;
  readonly offset: number;
}

export const everything: View = { search: '', state: '', source: '', sort: 'age', offset: 0 };

/** Kept in the address, so that it lasts when the page is loaded again. */
export const view = signal<View>(fromAddress());

export function look(change: Partial<View>): void {
  view.value = { ...view.value, offset: 0, ...change };
}

export function isFiltered({ search, state, source }: View): boolean {
  return search !== '' || state !== '' || source !== '';
}

/** As a query: without what is the default. */
export function queryOf(shown: View): string {
  const given = Object.entries(shown).filter(
    ([name, value]) => value !== everything[name as keyof View],
  );
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

function fromAddress(): View {
  const query = new URLSearchParams(location.hash.slice(1));
  return {
    ...everything,
    search: query.get('search') ?? '',
    state: (query.get('state') ?? '') as View['state'],
    source: query.get('source') ?? '',
    sort: query.get('sort') ?? 'age',
  };
}

effect(() => {
  const query = queryOf({ ...view.value, offset: 0 });
  const { pathname, search } = location;
  history.replaceState(null, '', `${pathname}${search}${query === '' ? '' : `#${query}`}`);
});
