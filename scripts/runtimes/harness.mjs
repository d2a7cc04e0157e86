// @ts-check
// The little of Jest that the conformance tests use, for runtimes that Jest does not run on.
import { createRequire } from 'node:module';
import { format } from 'node:util';

// Not by `import`, which gives `undefined` in Bun 1.4.
/** @type {typeof import('expect')} */
const { expect } = createRequire(import.meta.url)('expect');

/** How long a scenario may take, in ms: as long as in Jest. */
const limit = 120_000;

/** @typedef {(...args: any[]) => unknown} Body */
/** @type {string[]} */
const titles = [];
/** @type {{ title: string, body: Body }[]} */
const scenarios = [];
/** @type {unknown[]} */
const unhandled = [];

/** @param {string} title @param {Body} body */
const describe = (title, body) => {
  titles.push(title);
  body();
  titles.pop();
};

/** @param {string} title @param {Body} body */
const it = (title, body) => {
  scenarios.push({ title: [...titles, title].join(' › '), body });
};

/** @param {(title: string, body: Body) => void} declare */
const each =
  (declare) =>
  /** @param {readonly unknown[]} rows */
  (rows) =>
  /** @param {string} title @param {Body} body */
  (title, body) => {
    const places = title.match(/%s/g)?.length ?? 0;
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row];
      declare(format(title, ...values.slice(0, places)), () => body(...values));
    }
  };

/** @param {Console} target @param {'error'} name */
const spyOn = (target, name) => {
  const original = target[name];
  /** @type {unknown[][]} */
  const calls = [];
  target[name] = (...args) => void calls.push(args);
  const spy = {
    mock: { calls },
    mockImplementation: () => spy,
    mockRestore: () => void (target[name] = original),
  };
  return spy;
};

Object.assign(globalThis, {
  describe: Object.assign(describe, { each: each(describe) }),
  it: Object.assign(it, { each: each(it) }),
  expect,
  jest: { spyOn },
});

process.on('unhandledRejection', (reason) => unhandled.push(reason));
process.on('uncaughtException', (error) => unhandled.push(error));

/** @param {Body} body */
async function run(body) {
  unhandled.length = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not over after ${limit} ms`)), limit);
  });
  try {
    await Promise.race([body(), late]);
    await new Promise((resolve) => setImmediate(resolve));
    if (unhandled.length > 0) throw unhandled[0];
  } finally {
    clearTimeout(timer);
  }
}

/** Runs what has been declared, one scenario after the other, and ends the process. */
export async function runAll() {
  /** @type {{ title: string, message: string }[]} */
  const failed = [];
  for (const { title, body } of scenarios) {
    try {
      await run(body);
    } catch (error) {
      failed.push({ title, message: String(/** @type {any} */ (error)?.message ?? error) });
    }
  }
  console.log(`RESULT ${JSON.stringify({ count: scenarios.length, failed })}`);
  process.exit(0);
}
