import { inspect } from 'node:util';

// Whatever a job is called or fails with is somebody's input: shown as text, no longer than a page can bear.

/**
 * Characters that would not be seen, or would change what stands around them: controls but tab and newline, and marks
 * that turn the direction of text (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters).
 */
const unseen =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

/** As much of a text as the page shows, with what cannot be seen as an escape. */
export function shownText(text: string, longest: number): string {
  const cut = text.length > longest;
  // A pair of surrogates stays whole.
  const end = cut && /[\ud800-\udbff]/.test(text.charAt(longest - 1)) ? longest - 1 : longest;
  const shown = (cut ? text.slice(0, end) : text).replaceAll(unseen, escaped);
  return cut ? `${shown}… (cut: ${text.length.toLocaleString('en')} characters)` : shown;
}

/** {@link shownText} in one line. */
export function shownLine(text: string, longest: number): string {
  // Cut before all else: a name of a megabyte is not searched for line breaks.
  const line = shownText(text, longest);
  return /[\t\n]/.test(line) ? line.replaceAll('\n', '\\n').replaceAll('\t', '\\t') : line;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Any value as text: what a job has thrown, or a payload, may have getters that throw. */
export function printed(value: unknown, longest: number): string {
  try {
    if (typeof value === 'string') return value;
    return inspect(value, {
      depth: 6,
      maxArrayLength: 100,
      maxStringLength: longest,
      breakLength: 80,
      customInspect: false,
    });
  } catch {
    return '(it cannot be shown)';
  }
}

/** A field of any value, or `undefined` where even asking throws. */
export function fieldOf(value: unknown, field: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[field];
  } catch {
    return undefined;
  }
}
