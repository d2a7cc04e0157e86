import type { LiveState, Table } from '../../src/wire.ts';
import { count } from './format.ts';
import { hello } from './live.ts';
import { look, view } from './view.ts';

/** Which of the live jobs are shown, and in which order. */
export function JobsToolbar({ byState }: { readonly byState: Table['byState'] | undefined }) {
  const { search, state, source, sort } = view.value;
  const sources = hello.value?.sources ?? [];
  const all = byState === undefined ? 0 : byState.active + byState.pending + byState.closing;
  const states: readonly (readonly [LiveState | '', string, number])[] = [
    ['', 'All', all],
    ['active', 'Running', byState?.active ?? 0],
    ['pending', 'Pending', byState?.pending ?? 0],
    ['closing', 'Closing', byState?.closing ?? 0],
  ];
  return (
    <div class="toolbar">
      <label class="search">
        <span class="hidden">Search by name, URL or #id</span>
        <input
          type="search"
          placeholder="Name, URL or #id"
          value={search}
          onInput={({ currentTarget }) => searchSoon(currentTarget.value)}
        />
      </label>
      <fieldset class="segments">
        <legend class="hidden">State</legend>
        {states.map(([value, label, number]) => (
          <label key={value} class={value === state ? 'chosen' : ''}>
            <input
              type="radio"
              name="state"
              value={value}
              checked={value === state}
              onChange={() => look({ state: value })}
            />
            {label} <span class="number">{count(number)}</span>
          </label>
        ))}
      </fieldset>
      {sources.length > 1 && (
        <label class="choice">
          <span>Scheduler</span>
          <select
            value={source}
            onChange={({ currentTarget }) => look({ source: currentTarget.value })}
          >
            <option value="">All</option>
            {sources.map(({ name }, index) => (
              <option key={index} value={String(index)}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="choice">
        <span>Order</span>
        <select value={sort} onChange={({ currentTarget }) => look({ sort: currentTarget.value })}>
          <option value="age">Oldest first</option>
          <option value="run">Longest running first</option>
          <option value="wait">Longest wait first</option>
          <option value="name">Name</option>
        </select>
      </label>
    </div>
  );
}

let typing: ReturnType<typeof setTimeout> | undefined;

/** Not at each key: every search opens a stream. */
function searchSoon(search: string): void {
  clearTimeout(typing);
  typing = setTimeout(() => {
    look({ search });
  }, 250);
}
