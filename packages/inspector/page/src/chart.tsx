import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Sample } from '../../src/wire.ts';
import { roundTop } from './round-top.ts';

/** Seconds that a chart shows, once there is so much to show, and from its beginning. */
const longestSpan = 300;
const shortestSpan = 60;
/** Time in ms between samples from which the line is interrupted. */
const gap = 3_000;
/** Height in px. */
const height = 76;

export interface Line {
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly of: (sample: Sample) => number | null;
  readonly isFilled?: boolean;
}

interface Props {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly samples: readonly Sample[];
  readonly format: (value: number) => string;
  /** Whether the numbers are ms. */
  readonly areTimes: boolean;
}

/** The last five minutes of some numbers. */
export function Chart({ label, lines, samples, format, areTimes }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(samples);
  latest.current = samples;

  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      const options = optionsOf(element, lines, format, areTimes);
      plot.current = new uPlot(options, dataOf(latest.current, lines), element);
    };
    draw();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    const resized = new ResizeObserver(() => {
      const { clientWidth: width } = element;
      if (width > 0 && width !== plot.current?.width) plot.current?.setSize({ width, height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, []);

  useEffect(() => {
    plot.current?.setData(dataOf(samples, lines));
  }, [samples]);

  return <div class="chart" ref={holder} role="img" aria-label={label} />;
}

function dataOf(samples: readonly Sample[], lines: readonly Line[]): uPlot.AlignedData {
  const times: number[] = [];
  const rows: (number | null)[][] = lines.map(() => []);
  let before = 0;
  for (const sample of samples) {
    if (before > 0 && sample.at - before > gap) {
      times.push((before + 1) / 1_000);
      for (const row of rows) row.push(null);
    }
    before = sample.at;
    times.push(sample.at / 1_000);
    for (const [index, { of }] of lines.entries()) rows[index]?.push(of(sample));
  }
  return [times, ...rows];
}

function spanOf(min: number | null, max: number | null): number {
  return Math.min(Math.max((max ?? 0) - (min ?? 0), shortestSpan), longestSpan);
}

/** What is written below a chart of so many seconds: how long ago, in seconds. */
function marksOf(span: number, width: number): number[] {
  const most = width < 200 ? 2 : 3;
  const step = [20, 30, 60, 120].find((each) => span / each <= most) ?? 120;
  const marks = Array.from({ length: most }, (_, index) => index * step);
  // At the left edge it would stand below the scale.
  return marks.filter((each) => each < span * 0.9);
}

function since(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function optionsOf(
  element: HTMLElement,
  lines: readonly Line[],
  format: (value: number) => string,
  areTimes: boolean,
): uPlot.Options {
  let top = roundTop(0, areTimes);
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour('muted'),
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
    grid: { stroke: colour('grid'), width: 1 },
  };
  return {
    width: element.clientWidth,
    height,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: (_plot, min, max) => [(max ?? 0) - spanOf(min, max), max ?? 0] },
      y: {
        range: (_plot, _min, max) => {
          top = roundTop(max ?? 0, areTimes);
          // Room for half of a line at its edges.
          return [0, top * 1.04];
        },
      },
    },
    axes: [
      {
        ...axis,
        size: 18,
        gap: 3,
        grid: { show: false },
        splits: ({ width }, _axis, min, max) => marksOf(max - min, width).map((ago) => max - ago),
        values: ({ scales }, splits) =>
          splits.map((at) =>
            at === scales['x']?.max ? 'now' : `−${since((scales['x']?.max ?? at) - at)}`,
          ),
      },
      {
        ...axis,
        size: 46,
        gap: 4,
        splits: () => [0, top / 2, top],
        values: (_plot, splits) => splits.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...lines.map(({ colour: name, isFilled = false }) => ({
        stroke: colour(name),
        width: 1.5,
        points: { show: false },
        ...(isFilled ? { fill: colour(`${name}-area`) } : {}),
      })),
    ],
  };
}
