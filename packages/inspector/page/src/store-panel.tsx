import type { ShownStore } from '../../src/wire.ts';
import { DepthsTable } from './depths-table.tsx';
import { StoredFailures } from './stored-failures.tsx';
import { StoredRuns } from './stored-runs.tsx';

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
            <StoredRuns index={index} jobs={store.running} canAct={canAct} />
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
