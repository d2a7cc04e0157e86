import type { ShownStoredJob } from '../../src/wire.ts';
import { act } from './act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { Fact } from './fact.tsx';
import { duration } from './format.ts';
import { now } from './live.ts';
import { Payload } from './payload.tsx';

interface Props {
  readonly index: number;
  readonly jobs: readonly ShownStoredJob[];
  readonly canAct: boolean;
}

/** The stored jobs that run, in whatever process. */
export function StoredRuns({ index, jobs, canAct }: Props) {
  return (
    <>
      <h3 class="list-title">Running</h3>
      <ul class="entries">
        {jobs.map((job) => (
          <Run key={job.id} index={index} job={job} canAct={canAct} />
        ))}
      </ul>
    </>
  );
}

interface RunProps {
  readonly index: number;
  readonly job: ShownStoredJob;
  readonly canAct: boolean;
}

function Run({ index, job: { id, name, process, attempt, startedAt, payload }, canAct }: RunProps) {
  return (
    <li class="with-actions">
      <details>
        <summary>
          <bdi class="entry-name">{name}</bdi>
          <span class="entry-text muted">
            {process === null ? 'in an unknown process' : <bdi>{process}</bdi>}
            {attempt > 1 && `, attempt ${attempt}`}
          </span>
          {startedAt !== null && (
            <span class="entry-time">for {duration(now.value - startedAt)}</span>
          )}
        </summary>
        <dl class="facts">
          <Fact term="Id" value={id} />
          <Fact term="Attempt" value={String(attempt)} />
        </dl>
        {payload !== null && <Payload text={payload} />}
      </details>
      {canAct && (
        <div class="actions">
          <ConfirmButton
            label="Cancel"
            about={`${name} ${id}`}
            isDangerous
            onConfirm={() =>
              void act({ action: 'cancel-stored', source: index, id }, `${name} is being cancelled`)
            }
          />
        </div>
      )}
    </li>
  );
}
