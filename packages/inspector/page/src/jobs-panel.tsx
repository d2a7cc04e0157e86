import { act } from './act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { count, duration } from './format.ts';
import { hello, isHeld, now, table } from './live.ts';
import { JobsToolbar } from './jobs-toolbar.tsx';
import { everything, isFiltered, look, view } from './view.ts';
import type { LiveState, ShownJob, Table } from '../../src/wire.ts';

/** Jobs of one page, as the server sends them. */
const perPage = 25;
/** Characters from which a text may be cut, and is whole in its title alone. */
const longName = 60;

const stateNames: Readonly<Record<LiveState, string>> = {
  active: 'Running',
  pending: 'Pending',
  closing: 'Closing',
};

/** The live jobs: pending, running, and cancelled but not over. */
export function JobsPanel() {
  const shown = table.value;
  return (
    <section class="panel" aria-labelledby="jobs">
      <header class="panel-head">
        <h2 id="jobs">Live jobs</h2>
        {shown !== undefined && <span class="muted">{rangeOf(shown)}</span>}
        <button
          type="button"
          class="push-right"
          aria-pressed={isHeld.value}
          onClick={() => (isHeld.value = !isHeld.value)}
        >
          {isHeld.value ? 'Continue' : 'Hold still'}
        </button>
      </header>
      <JobsToolbar byState={shown?.byState} />
      {shown === undefined ? (
        <p class="empty">Loading…</p>
      ) : shown.matching === 0 ? (
        <Nothing />
      ) : (
        <Rows rows={shown.rows} />
      )}
      {shown !== undefined && shown.matching > perPage && <Pages table={shown} />}
    </section>
  );
}

function rangeOf({ offset, rows, matching }: Table): string {
  if (matching <= perPage) return `${count(matching)} ${matching === 1 ? 'job' : 'jobs'}`;
  return `${count(offset + 1)}–${count(offset + rows.length)} of ${count(matching)}`;
}

function Nothing() {
  if (!isFiltered(view.value)) {
    return (
      <p class="empty">
        <strong>Nothing is pending, nothing runs.</strong>
        Jobs appear here as soon as they are spawned.
      </p>
    );
  }
  return (
    <p class="empty">
      <strong>No live job matches.</strong>
      <button type="button" onClick={() => look(everything)}>
        Show all jobs
      </button>
    </p>
  );
}

function Rows({ rows }: { readonly rows: readonly ShownJob[] }) {
  const sources = hello.value?.sources ?? [];
  const canAct = typeof hello.value?.token === 'string';
  return (
    <div class="scroll">
      <table role="table">
        <caption class="hidden">Live jobs</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              Job
            </th>
            <th role="columnheader" scope="col">
              State
            </th>
            <th role="columnheader" scope="col">
              Request
            </th>
            <th role="columnheader" scope="col" class="numeric">
              Age
            </th>
            <th role="columnheader" scope="col" class="numeric">
              Waited
            </th>
            <th role="columnheader" scope="col" class="numeric">
              Runs for
            </th>
            {canAct && (
              <th role="columnheader" scope="col">
                <span class="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((job) => (
            <Row
              key={`${job.source}:${job.id}`}
              job={job}
              source={sources.length > 1 ? sources[job.source]?.name : undefined}
              canAct={canAct}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly job: ShownJob;
  readonly source: string | undefined;
  readonly canAct: boolean;
}

function Row({ job, source, canAct }: RowProps) {
  const { id, name, state, spawnedAt, startedAt, attempt, request, spawnedBy } = job;
  const time = now.value;
  const title = name === '' ? `job #${id}` : `${name} #${id}`;
  return (
    <tr role="row">
      <th role="rowheader" scope="row" class="job">
        <bdi
          class={name === '' ? 'muted' : name.length > longName ? 'clamped' : ''}
          title={name.length > longName ? name : undefined}
        >
          {name === '' ? '(no name)' : name}
        </bdi>{' '}
        <span class="id">#{id}</span>
        {source !== undefined && <bdi class="of">{source}</bdi>}
        {attempt > 1 && <span class="badge amber">attempt {attempt}</span>}
        {spawnedBy !== null && <bdi class="line">{spawnedBy}</bdi>}
      </th>
      <td role="cell">
        <span class={`state ${state}`}>{stateNames[state]}</span>
      </td>
      <td role="cell" data-label="Request" class={request === null ? 'none' : 'request'}>
        {request === null ? (
          <span class="muted">–</span>
        ) : (
          <bdi class="clamped" title={request.length > longName ? request : undefined}>
            {request}
          </bdi>
        )}
      </td>
      <td role="cell" data-label="Age" class="numeric">
        {duration(time - spawnedAt)}
      </td>
      <td role="cell" data-label="Waited" class="numeric">
        {duration((startedAt ?? time) - spawnedAt)}
      </td>
      <td role="cell" data-label="Runs for" class="numeric">
        {startedAt === null ? '–' : duration(time - startedAt)}
      </td>
      {canAct && (
        <td role="cell" class="action">
          {state !== 'closing' && (
            <ConfirmButton
              label="Cancel"
              about={title}
              isDangerous
              onConfirm={() =>
                void act({ action: 'cancel', source: job.source, id }, `Cancelled ${title}`)
              }
            />
          )}
        </td>
      )}
    </tr>
  );
}

function Pages({ table: { offset, rows, matching } }: { readonly table: Table }) {
  return (
    <nav class="pages" aria-label="Pages of jobs">
      <button
        type="button"
        disabled={offset === 0}
        onClick={() => look({ offset: Math.max(0, offset - perPage) })}
      >
        Previous
      </button>
      <button
        type="button"
        disabled={offset + rows.length >= matching}
        onClick={() => look({ offset: offset + perPage })}
      >
        Next
      </button>
    </nav>
  );
}
