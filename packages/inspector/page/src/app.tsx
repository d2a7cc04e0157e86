import { useEffect } from 'preact/hooks';
import { notes } from './act.ts';
import { FailuresPanel } from './failures-panel.tsx';
import { count } from './format.ts';
import { JobsPanel } from './jobs-panel.tsx';
import { connection, counts, hello, samples, stores } from './live.ts';
import { SchedulerPanel } from './scheduler-panel.tsx';
import { StorePanel } from './store-panel.tsx';

const conditions = {
  connecting: ['Connecting', 'grey'],
  live: ['Live', 'green'],
  lost: ['Not connected', 'red'],
  refused: ['Not allowed', 'red'],
} as const;

export function App() {
  const { sources = [], token = null, title = document.title } = hello.value ?? {};
  const canAct = typeof token === 'string';
  const [condition, tone] = conditions[connection.value];
  const isStale = connection.value === 'lost' || connection.value === 'refused';
  const running = counts.value.reduce((sum, { active, closing }) => sum + active + closing, 0);
  useEffect(() => {
    document.title = connection.value === 'live' ? `${count(running)} running · ${title}` : title;
  });
  return (
    <>
      <a class="skip" href="#jobs">
        Skip to the live jobs
      </a>
      <header class="top">
        <h1>{title}</h1>
        {hello.value !== undefined && !canAct && <span class="badge grey">Read only</span>}
        <span class={`badge push-right ${tone}`} role="status">
          <span class="dot" aria-hidden="true" />
          {condition}
        </span>
      </header>
      {isStale && <Banner isRefused={connection.value === 'refused'} />}
      <main class={isStale ? 'stale' : ''}>
        {sources.map((info, index) => {
          const present = counts.value[index];
          return (
            present !== undefined && (
              <SchedulerPanel
                key={index}
                index={index}
                info={info}
                counts={present}
                samples={samples.value[index] ?? []}
                canAct={canAct}
              />
            )
          );
        })}
        <JobsPanel />
        <FailuresPanel />
        {sources.map(
          ({ name, isDurable }, index) =>
            isDurable && (
              <StorePanel
                key={index}
                index={index}
                name={name}
                store={stores.value[index]}
                canAct={canAct}
              />
            ),
        )}
      </main>
      <div class="notes" role="status">
        {notes.value.map(({ id, text, isProblem }) => (
          <p key={id} class={isProblem ? 'problem' : ''}>
            <bdi>{text}</bdi>
          </p>
        ))}
      </div>
    </>
  );
}

/** Says that the page shows what was, and why. */
function Banner({ isRefused }: { readonly isRefused: boolean }) {
  if (!isRefused) {
    return (
      <p class="banner" role="alert">
        The server does not answer. What you see may be out of date; the page connects again by
        itself.
      </p>
    );
  }
  return (
    <p class="banner" role="alert">
      The server does not let you in any more, and what you see is out of date. You may have to log
      in again.
      <button type="button" class="small" onClick={() => location.reload()}>
        Load again
      </button>
    </p>
  );
}
