/** The rows of a statement. */
export interface Result<T = Record<string, unknown>> {
  readonly rows: T[];
  readonly fields: readonly Field[];
  readonly affectedRows?: number | undefined;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Makes a value of what PostgreSQL writes. */
type Parse = (text: string, type: number) => unknown;

/** Of those of PGlite's `query()`, the ones that change the rows: ORMs want them as arrays, and dates as text. */
export interface QueryOptions {
  readonly rowMode?: 'object' | 'array' | undefined;
  /** By the number of a type. */
  readonly parsers?: Readonly<Record<number, Parse>> | undefined;
}

/** What the thread is told of them: a function can be handed to no thread, so that the text comes here. */
export interface RowOptions {
  readonly rowMode: QueryOptions['rowMode'];
  readonly asText: readonly string[];
}

const json: Parse = (text) => JSON.parse(text) as unknown;
/** json and jsonb (https://www.postgresql.org/docs/current/catalog-pg-type.html), of which the thread always gives the text. */
const jsonParsers: QueryOptions['parsers'] = { 114: json, 3802: json };

export function rowOptions(options: QueryOptions | undefined): RowOptions | undefined {
  if (options === undefined) return undefined;
  return { rowMode: options.rowMode, asText: Object.keys(options.parsers ?? {}) };
}

/** The answer of the thread, with the values that are made here. */
export function parsed<T = Record<string, unknown>>(
  answer: unknown,
  options?: QueryOptions,
): Result<T> {
  const { rows, fields, affectedRows } = answer as Result<Record<string | number, unknown>>;
  const parsers: Readonly<Record<number, Parse>> = { ...jsonParsers, ...options?.parsers };
  const isArray = options?.rowMode === 'array';
  const columns = Array.from(fields, ({ name, dataTypeID }, index) => {
    return { at: isArray ? index : name, type: dataTypeID, parse: parsers[dataTypeID] };
  }).filter(({ parse }) => parse !== undefined);
  const copies = Array.from(rows, (row) => {
    // Of this realm: of another one, `toStrictEqual()` and the like take none.
    const copy = (Array.isArray(row) ? Array.from(row) : { ...row }) as typeof row;
    for (const { at, type, parse } of columns) {
      const text = copy[at];
      if (typeof text === 'string') copy[at] = parse?.(text, type);
    }
    return copy as T;
  });
  return { rows: copies, fields, affectedRows };
}
