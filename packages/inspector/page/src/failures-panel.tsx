import { useState } from 'preact/hooks';
import type { ShownFailure } from '../../src/wire.ts';
import { Fact } from './fact.tsx';
import { ago, count, moment } from './format.ts';
import { failures, hello, now } from './live.ts';

/** Kinds that are shown at first. */
const fewKinds = 8;

/** What has failed in this process, whether or not somebody looked. */
export function FailuresPanel() {
  const [isWhole, setWhole] = useState(false);
  const sources = hello.value?.sources ?? [];
  const all = failures.value
    .flatMap((list, index) =>
      list.map((failure) => ({
        failure,
        source: sources.length > 1 ? sources[index]?.name : undefined,
        key: `${index} ${failure.name} ${failure.error.name} ${failure.error.message.replaceAll(/\d+/g, '#')}`,
      })),
    )
    .toSorted((a, b) => b.failure.at - a.failure.at);
  return (
    <section class="panel" aria-labelledby="failures">
      <header class="panel-head">
        <h2 id="failures">Recent failures</h2>
        {all.length > 0 && (
          <span class="muted">
            {count(all.length)} {all.length === 1 ? 'kind' : 'kinds'}
          </span>
        )}
      </header>
      {all.length === 0 ? (
        <p class="empty">
          <strong>No job has failed since the inspector was mounted.</strong>
        </p>
      ) : (
        <ul class="entries">
          {all.slice(0, isWhole ? all.length : fewKinds).map(({ failure, source, key }) => (
            <Failure key={key} failure={failure} source={source} />
          ))}
        </ul>
      )}
      {all.length > fewKinds && (
        <p class="more">
          <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Show fewer' : `Show all ${all.length}`}
          </button>
        </p>
      )}
    </section>
  );
}

interface Props {
  readonly failure: ShownFailure;
  readonly source: string | undefined;
}

function Failure({ failure, source }: Props) {
  const { name, id, at, count: times, error, request, attempt } = failure;
  return (
    <li>
      <details>
        <summary>
          <bdi class="entry-name">{name === '' ? '(no name)' : name}</bdi>
          {times > 1 && <span class="badge red">{count(times)} times</span>}
          <bdi class="entry-text bad-text">
            {error.name}: {error.message.split('\n', 1)[0]}
          </bdi>
          <span class="entry-time">{ago(at, now.value)}</span>
        </summary>
        <dl class="facts">
          <Fact term="Last" value={`${moment(at, now.value)}, job #${id}, attempt ${attempt}`} />
          {source !== undefined && <Fact term="Scheduler" value={source} />}
          {request !== null && <Fact term="Request" value={request} />}
        </dl>
        <pre tabIndex={0} aria-label="Stack of the error">
          <bdi>{error.stack ?? `${error.name}: ${error.message}`}</bdi>
        </pre>
      </details>
    </li>
  );
}
