import type { ShownDepth, ShownStore, ShownStoredJob } from '../../src/wire.ts';
import { act } from './act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { count, duration } from './format.ts';
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
          <Depths depths={store.depths} />
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

function Depths({ depths }: { readonly depths: readonly ShownDepth[] }) {
  return (
    <div class="scroll">
      <table class="plain">
        <caption>By name</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" class="numeric">
              Waiting
            </th>
            <th scope="col" class="numeric">
              Running
            </th>
            <th scope="col" class="numeric">
              Failed
            </th>
          </tr>
        </thead>
        <tbody>
          {depths.map(({ name, ready, active, failed }) => (
            <tr key={name}>
              <th scope="row">
                <bdi>{name}</bdi>
              </th>
              <td class="numeric">{count(ready)}</td>
              <td class="numeric">{count(active)}</td>
              <td class={failed > 0 ? 'numeric bad' : 'numeric'}>{count(failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
