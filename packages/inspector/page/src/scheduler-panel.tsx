import { useState } from 'preact/hooks';
import type { Counts, Sample, SourceInfo } from '../../src/wire.ts';
import { act } from './act.ts';
import { Chart, type Line } from './chart.tsx';
import { compact, count, duration, rate } from './format.ts';

/** Seconds without the end of a job after which a full scheduler counts as stalled. */
const stalledAfter = 30;

interface Props {
  readonly index: number;
  readonly info: SourceInfo;
  readonly counts: Counts;
  readonly samples: readonly Sample[];
  readonly canAct: boolean;
}

/** One scheduler: what it is doing, and what can be done about it. */
export function SchedulerPanel({ index, info, counts, samples, canAct }: Props) {
  const last = samples.at(-1);
  const heading = `scheduler-${index}`;
  return (
    <section class="panel" aria-labelledby={heading}>
      <header class="panel-head">
        <h2 id={heading}>
          <bdi>{info.name}</bdi>
        </h2>
        <Condition counts={counts} isStalled={isStalled(counts, samples)} />
        {canAct && !counts.closed && <Controls index={index} name={info.name} counts={counts} />}
      </header>
      <div class="cards">
        <Card
          title="Running"
          value={count(counts.active + counts.closing)}
          unit={`of ${counts.limit === null ? 'no limit' : count(counts.limit)}`}
          note={
            counts.oldestActiveAge === null
              ? 'nothing runs'
              : `longest ${duration(counts.oldestActiveAge)}`
          }
          lines={runningLines}
          samples={samples}
          format={compact}
        />
        <Card
          title="Pending"
          value={count(counts.pending)}
          unit={counts.pending === 1 ? 'job' : 'jobs'}
          note={
            counts.oldestPendingAge === null
              ? 'nothing waits'
              : `oldest ${duration(counts.oldestPendingAge)}`
          }
          lines={pendingLines}
          samples={samples}
          format={compact}
        />
        <Card
          title="Throughput"
          value={last === undefined ? '–' : rate(ended(last))}
          unit="per second"
          note={totals(counts)}
          lines={throughput}
          samples={samples}
          format={compact}
        />
        <Card
          title="Wait"
          value={duration(last?.wait95)}
          unit={last?.wait95 === null || last === undefined ? '' : '95th percentile'}
          note={
            last?.waitMedian === null || last === undefined
              ? 'nothing started'
              : `median ${duration(last.waitMedian)}`
          }
          lines={waits}
          samples={samples}
          format={(ms) =>
            duration(ms)
              .replace(/\.0 s$/, ' s')
              .replace(/ 00 [sm]$/, '')
          }
          areTimes
        />
      </div>
    </section>
  );
}

const runningLines: readonly Line[] = [
  { colour: 'blue', of: ({ active }) => active, isFilled: true },
];
const pendingLines: readonly Line[] = [
  { colour: 'amber', of: (each) => each.pending, isFilled: true },
];
const throughput: readonly Line[] = [
  { colour: 'red', of: ({ failed }) => failed },
  { colour: 'green', of: ended, isFilled: true },
];
const waits: readonly Line[] = [
  { colour: 'violet', of: ({ wait95 }) => wait95, isFilled: true },
  { colour: 'muted', of: ({ waitMedian }) => waitMedian },
];

function totals({ completed, failed, cancelled, refused }: Counts): string {
  const parts = [`${compact(completed)} completed`, `${compact(failed)} failed`];
  if (cancelled > 0) parts.push(`${compact(cancelled)} cancelled`);
  if (refused > 0) parts.push(`${compact(refused)} refused`);
  return parts.join(', ');
}

function ended({ completed, failed, cancelled }: Sample): number {
  return completed + failed + cancelled;
}

/** Whether all slots have been taken for some time, jobs wait, and none has ended. */
function isStalled(
  { limit, active, closing, pending }: Counts,
  samples: readonly Sample[],
): boolean {
  const isFull = limit !== null && active + closing >= limit && pending > 0;
  const last = samples.slice(-stalledAfter);
  return isFull && last.length === stalledAfter && last.every((sample) => ended(sample) === 0);
}

interface ConditionProps {
  readonly counts: Counts;
  readonly isStalled: boolean;
}

/** Whether it accepts, starts and ends jobs. */
function Condition({ counts: { closed, draining, paused }, isStalled: stalled }: ConditionProps) {
  if (closed) return <span class="badge red">Closed</span>;
  return (
    <>
      {stalled && (
        <span
          class="badge red"
          title="All slots are taken, jobs wait, and none has ended for half a minute"
        >
          Stalled
        </span>
      )}
      {draining && <span class="badge violet">Draining</span>}
      {paused && <span class="badge amber">Paused</span>}
      {!draining && !paused && !stalled && <span class="badge green">Open</span>}
    </>
  );
}

interface ControlsProps {
  readonly index: number;
  readonly name: string;
  readonly counts: Counts;
}

function Controls({ index, name, counts: { paused, limit } }: ControlsProps) {
  const [given, setGiven] = useState<string | undefined>(undefined);
  const present = limit === null ? 'Infinity' : String(limit);
  const text = given ?? present;
  const submit = (event: Event): void => {
    event.preventDefault();
    const wanted = text === 'Infinity' ? text : Number(text);
    void act(
      { action: 'limit', source: index, limit: wanted },
      `${name}: the limit is ${wanted} now`,
      // What was typed while the server was asked stays.
    ).then(() => setGiven((typed) => (typed === given ? undefined : typed)));
  };
  const toggle = (): void => {
    if (paused) void act({ action: 'resume', source: index }, `${name}: resumed`);
    else void act({ action: 'pause', source: index }, `${name}: paused, running jobs go on`);
  };
  const field = `limit-${index}`;
  return (
    <div class="controls">
      <form class="limit" onSubmit={submit}>
        <label for={field}>Limit</label>
        <input
          id={field}
          inputMode="numeric"
          autocomplete="off"
          size={6}
          value={text}
          onInput={({ currentTarget }) => setGiven(currentTarget.value)}
        />
        <button type="submit" disabled={text === present || text === ''}>
          Set
        </button>
      </form>
      <button type="button" class={paused ? 'primary' : ''} onClick={toggle}>
        {paused ? 'Resume' : 'Pause'}
      </button>
    </div>
  );
}

interface CardProps {
  readonly title: string;
  readonly value: string;
  readonly unit: string;
  readonly note: string;
  readonly lines: readonly Line[];
  readonly samples: readonly Sample[];
  readonly format: (value: number) => string;
  readonly areTimes?: boolean;
}

function Card({ title, value, unit, note, areTimes = false, ...chart }: CardProps) {
  return (
    <article class="card">
      <h3>{title}</h3>
      <p class="value">
        {value} <span class="unit">{unit}</span>
      </p>
      <p class="note">{note}</p>
      <Chart
        label={`${title} over the last five minutes; now ${value} ${unit}, ${note}`}
        areTimes={areTimes}
        {...chart}
      />
    </article>
  );
}
