import type { ShownStore, ShownStoredJob } from '../../src/wire.ts';
import { act } from './act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { DepthsTable } from './depths-table.tsx';
import { duration } from './format.ts';
import { now } from './live.ts';
import { Payload } from './payload.tsx';
import { StoredFailures } from './stored-failures.tsx';

interface Props {
  readonly index: number;
  readonly name: string;
  readonly store: ShownStore | null | undefined;
  readonly canAct: boolean;
}

/** The store of durable jobs behind one scheduler: of all processes, not of this one alone. */
export function StorePanel({ index, name, store, canAct }: Props) {
  const heading = `store-${index}`;
  return (
    <section class="panel" aria-labelledby={heading}>
      <header class="panel-head">
        <h2 id={heading}>
          Stored jobs of <bdi>{name}</bdi>
        </h2>
        <span class="muted">all processes</span>
      </header>
      {store === null || store === undefined ? (
        <p class="empty">Asking the store…</p>
      ) : store.problem !== null ? (
        <p class="empty problem" role="alert">
          <strong>The store does not answer.</strong>
          <bdi>{store.problem}</bdi>
        </p>
      ) : (
        <>
          <DepthsTable index={index} depths={store.depths} canAct={canAct} />
          {store.running !== null && store.running.length > 0 && (
            <Running index={index} jobs={store.running} canAct={canAct} />
          )}
          {store.failed !== null && (
            <StoredFailures
              index={index}
              jobs={store.failed}
              hasMore={store.hasMoreFailed}
              canAct={canAct}
            />
          )}
        </>
      )}
    </section>
  );
}

interface ListProps {
  readonly index: number;
  readonly jobs: readonly ShownStoredJob[];
  readonly canAct: boolean;
}

function Running({ index, jobs, canAct }: ListProps) {
  return (
    <div class="scroll">
      <table class="plain">
        <caption>Running</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Process</th>
            <th scope="col" class="numeric">
              Attempt
            </th>
            <th scope="col" class="numeric">
              Runs for
            </th>
            {canAct && (
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {jobs.map(({ id, name, process, attempt, startedAt, payload }) => (
            <tr key={id}>
              <th scope="row">
                <bdi>{name}</bdi> <bdi class="id">{id}</bdi>
                {payload !== null && (
                  <details>
                    <summary>Payload</summary>
                    <Payload text={payload} />
                  </details>
                )}
              </th>
              <td>{process === null ? <span class="muted">–</span> : <bdi>{process}</bdi>}</td>
              <td class="numeric">{attempt}</td>
              <td class="numeric">{startedAt === null ? '–' : duration(now.value - startedAt)}</td>
              {canAct && (
                <td class="action">
                  <ConfirmButton
                    label="Cancel"
                    about={`${name} ${id}`}
                    isDangerous
                    onConfirm={() =>
                      void act(
                        { action: 'cancel-stored', source: index, id },
                        `${name} is being cancelled`,
                      )
                    }
                  />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
