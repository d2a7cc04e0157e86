/** What is stored beside the payload of a job, for what watches it: a trace context, by the names of its headers. */
export type Headers = Readonly<Record<string, string>>;

/** Headers that came from a subscriber or a store, where anything may be. */
export function parseHeaders(value: unknown): Headers | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
