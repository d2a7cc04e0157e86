/** A duration in ms, with two units at most: `850 ms`, `4.2 s`, `3 m 07 s`, `2 h 05 m`, `4 d 3 h`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return '0 ms';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${padded(Math.floor(seconds % 60))} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${padded(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function count(value: number): string {
  return whole.format(value);
}

/** For small places: `12.3K`. */
export function compact(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value);
}

/** How often a second. */
export function rate(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : compact(Math.round(value));
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment of the last day as a time, an earlier one with its date. */
export function moment(at: number, now: number): string {
  return now - at < 86_400_000 ? clock.format(at) : day.format(at);
}

/** How long ago, in words. */
export function ago(at: number, now: number): string {
  const since = Math.max(0, now - at);
  return since < 1_000 ? 'just now' : `${duration(since).replace(/\.\d s/, ' s')} ago`;
}
