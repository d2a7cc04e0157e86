import type { ShownStoredJob } from '../../src/wire.ts';
import { act } from './act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { Fact } from './fact.tsx';
import { ago, moment } from './format.ts';
import { now } from './live.ts';
import { Payload } from './payload.tsx';

interface Props {
  readonly index: number;
  readonly jobs: readonly ShownStoredJob[];
  readonly hasMore: boolean;
  readonly canAct: boolean;
}

/** The stored jobs that have failed for good. */
export function StoredFailures({ index, jobs, hasMore, canAct }: Props) {
  return (
    <>
      <h3 class="list-title">Failed for good</h3>
      {jobs.length === 0 ? (
        <p class="empty">
          <strong>No stored job has failed.</strong>
        </p>
      ) : (
        <ul class="entries">
          {jobs.map((job) => (
            <FailedJob key={job.id} index={index} job={job} canAct={canAct} />
          ))}
        </ul>
      )}
      {hasMore && <p class="more">There are more: these are the newest {jobs.length}.</p>}
    </>
  );
}

interface FailedJobProps {
  readonly index: number;
  readonly job: ShownStoredJob;
  readonly canAct: boolean;
}

function FailedJob({ index, job, canAct }: FailedJobProps) {
  const { id, name, attempt, error, payload, endedAt } = job;
  const title = `${name} ${id}`;
  return (
    <li class="with-actions">
      <details>
        <summary>
          <bdi class="entry-name">{name}</bdi>
          <bdi class="entry-text bad-text">
            {error === null
              ? 'No error is known'
              : `${error.name}: ${error.message.split('\n', 1)[0] ?? ''}`}
          </bdi>
          {endedAt !== null && <span class="entry-time">{ago(endedAt, now.value)}</span>}
        </summary>
        <dl class="facts">
          <Fact term="Id" value={id} />
          <Fact term="Attempts" value={String(attempt)} />
          {endedAt !== null && <Fact term="Failed" value={moment(endedAt, now.value)} />}
        </dl>
        {payload !== null && <Payload text={payload} />}
        {error !== null && (
          <pre tabIndex={0} aria-label="Stack of the error">
            <bdi>{error.stack ?? `${error.name}: ${error.message}`}</bdi>
          </pre>
        )}
      </details>
      {canAct && (
        <div class="actions">
          <button
            type="button"
            class="small"
            aria-label={`Retry ${title}`}
            onClick={() =>
              void act({ action: 'retry-stored', source: index, id }, `${name} is tried again`)
            }
          >
            Retry
          </button>
          <ConfirmButton
            label="Discard"
            about={title}
            isDangerous
            onConfirm={() =>
              void act({ action: 'discard-stored', source: index, id }, `${name} is discarded`)
            }
          />
        </div>
      )}
    </li>
  );
}
