import type { RowOptions } from './pglite-rows.ts';

/** What a thread of PGlite is asked to do. */
export type Call =
  | { readonly kind: 'open' | 'begin' | 'close' }
  | { readonly kind: 'exec'; readonly text: string }
  | {
      readonly kind: 'query';
      readonly text: string;
      readonly values?: readonly unknown[] | undefined;
      readonly options?: RowOptions | undefined;
      /** The transaction that it belongs to. */
      readonly tx?: number | undefined;
    }
  | { readonly kind: 'commit' | 'rollback'; readonly tx: number }
  | { readonly kind: 'listen' | 'unlisten'; readonly channel: string };

/** An error, in parts: a copy of the whole would lose its `code`. */
export interface Thrown {
  readonly kind: 'thrown';
  readonly id: number;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Answer =
  | { readonly kind: 'pong' }
  | { readonly kind: 'notification'; readonly channel: string; readonly payload: string }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | Thrown;

export function thrownAs({ message, stack, fields }: Thrown): Error {
  const error = Object.assign(new Error(message), fields);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/**
 * The program of the thread. As text, since a file of its own would be lost in every bundle, and a function made into
 * text would be what a compiler made of it.
 */
export const workerSource = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { PGlite } = require(workerData.module);
const transactions = new Map();
const unlisten = new Map();
let opening;
let database;

const calls = {
  async open() {
    // All but '-F', which turns fsync off: a power cut would lose jobs
    // (https://www.postgresql.org/docs/current/app-postgres.html).
    const startParams = PGlite.defaultStartParams.filter((parameter) => parameter !== '-F');
    const { dataDir } = workerData;
    // JSON is parsed where it is wanted: as text it is cheaper to hand over.
    const parsers = { 114: asText, 3802: asText };
    opening = PGlite.create({ startParams, parsers, ...(dataDir && { dataDir }) });
    database = await opening;
  },
  query: ({ text, values, tx, options }) => target(tx).query(text, values, options && inRows(options)),
  exec: ({ text }) => database.exec(text),
  begin: ({ id }) =>
    new Promise((resolve, reject) => {
      const over = database.transaction(
        (tx) =>
          new Promise((commit, rollback) => {
            transactions.set(id, { tx, commit, rollback, over: () => over });
            resolve(id);
          }),
      );
      over.catch(reject);
    }),
  async commit({ tx }) {
    const { commit, over } = take(tx);
    commit();
    await over();
  },
  async rollback({ tx }) {
    const { rollback, over } = take(tx);
    rollback(new Error('rolled back'));
    await over().catch(() => {});
  },
  async listen({ channel }) {
    const post = (payload) => parentPort.postMessage({ kind: 'notification', channel, payload });
    unlisten.set(channel, await database.listen(channel, post));
  },
  async unlisten({ channel }) {
    await unlisten.get(channel)?.();
  },
  close: () => database?.close(),
};

function asText(text) {
  return text;
}

function inRows({ rowMode, asText: types }) {
  return { rowMode, parsers: Object.fromEntries(types.map((type) => [type, asText])) };
}

function target(tx) {
  if (tx === undefined) return database;
  const transaction = transactions.get(tx);
  if (transaction === undefined) throw new Error('The transaction is over');
  return transaction.tx;
}

function take(tx) {
  const transaction = transactions.get(tx);
  if (transaction === undefined) throw new Error('The transaction is over');
  transactions.delete(tx);
  return transaction;
}

function thrown(id, error) {
  const { message = String(error), stack, ...fields } = error ?? {};
  const plain = Object.entries(fields).filter(([, value]) => ['string', 'number'].includes(typeof value));
  return { kind: 'thrown', id, message: error?.message ?? message, stack: error?.stack ?? stack, fields: Object.fromEntries(plain) };
}

parentPort.on('message', async (call) => {
  if (call.kind === 'ping') {
    parentPort.postMessage({ kind: 'pong' });
    return;
  }
  const { id } = call;
  try {
    // It may be opened anew: what comes meanwhile waits.
    if (call.kind !== 'open') await opening;
    parentPort.postMessage({ kind: 'value', id, value: await calls[call.kind](call) });
  } catch (error) {
    parentPort.postMessage(thrown(id, error));
  }
});
`;
