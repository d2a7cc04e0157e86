import type { Exchange } from '../exchange.ts';
import { fieldOf } from '../live/shown-text.ts';
import type { ResolvedOptions } from '../options.ts';
import { isLocal } from './loopback.ts';

/** Why a request is kept out. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What `authorize` has thrown, if nobody else reports that. */
  readonly error?: unknown;
}

const forbidden: Refusal = { status: 403, message: 'Forbidden', headers: {} };
const notLocal: Refusal = {
  ...forbidden,
  message: 'Forbidden: without `authorize` this page is for clients on its own machine alone',
};

/** Decides whether the sender of a request may see the page. */
export async function refusalOf(
  exchange: Exchange,
  { authorize }: ResolvedOptions,
): Promise<Refusal | undefined> {
  if (authorize === undefined) return isLocal(exchange.request) ? undefined : notLocal;
  try {
    return (await authorize(exchange.subject)) === true ? undefined : forbidden;
  } catch (error) {
    return refusalBy(error);
  }
}

function refusalBy(error: unknown): Refusal {
  const status = fieldOf(error, 'status');
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 499) {
    return { ...forbidden, error };
  }
  const headers = fieldOf(error, 'headers');
  const given = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  return {
    status,
    message: status === 401 ? 'Unauthorized' : 'Forbidden',
    headers: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  };
}
