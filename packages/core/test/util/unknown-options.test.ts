import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { type Job, Scheduler } from '@outlive/core';
import { obedient } from '../support/functions.ts';

/** What a caller without types may give. */
// oxlint-disable-next-line typescript/no-explicit-any -- that is the point
type Bad = any;

type Call = (scheduler: Scheduler, job: Job, options: Bad) => unknown;

const calls: Readonly<Record<string, Call>> = {
  'new Scheduler()': (_scheduler, _job, options) => new Scheduler(options),
  'spawn()': (scheduler, _job, options) => scheduler.spawn(() => {}, options),
  'spawnNow()': (scheduler, _job, options) => scheduler.spawnNow(() => {}, options),
  'shield()': (scheduler, _job, options) => scheduler.shield(() => {}, options),
  'idle()': (scheduler, _job, options) => scheduler.idle(options),
  'drain()': (scheduler, _job, options) => scheduler.drain(options),
  'waitAndClose()': (scheduler, _job, options) => scheduler.waitAndClose(options),
  'scheduler.close()': (scheduler, _job, options) => scheduler.close(options),
  'job.wait()': (_scheduler, job, options) => job.wait(options),
  'job.close()': (_scheduler, job, options) => job.close(options),
};

/** Makes a call with bad options; gives the message, once nothing has changed by it. */
async function messageOf(call: string, options: Bad): Promise<string> {
  const scheduler = new Scheduler();
  const job = scheduler.spawnNow(obedient);
  const { drainSignal } = scheduler;
  let message = '';
  expect(() => {
    try {
      void calls[call]?.(scheduler, job, options);
    } catch (error) {
      ({ message } = error as Error);
      throw error;
    }
  }).toThrow(TypeError);
  expect(scheduler).toMatchObject({ size: 1, closed: false });
  expect(job.state).toBe('active');
  expect(drainSignal.aborted).toBe(false);
  await scheduler.close();
  return message;
}

describe.each(Object.keys(calls))('an option that %s does not have', (call) => {
  it.each([{ nonsense: 1 }, { nonsense: undefined }, Object.create({ nonsense: 1 })])(
    'is refused at the call, with what is allowed: %p',
    async (options) => {
      const message = await messageOf(call, options);
      expect(message).toContain('Unknown option `nonsense`');
      expect(message).toMatch(/Allowed: \w+/);
    },
  );
});

describe('a misspelt option is refused with the right one', () => {
  it.each([
    ['new Scheduler()', 'concurrency', 'limit'],
    ['new Scheduler()', 'limits', 'limit'],
    ['new Scheduler()', 'pendinglimit', 'pendingLimit'],
    ['new Scheduler()', 'wait_timeout', 'waitTimeout'],
    ['new Scheduler()', 'closeTimout', 'closeTimeout'],
    ['new Scheduler()', 'onError', 'exceptionHandler'],
    ['spawn()', 'timout', 'timeout'],
    ['spawnNow()', 'Priority', 'priority'],
    ['spawn()', 'retries', 'retry'],
    ['spawn()', 'maxAttempts', 'retry'],
    ['new Scheduler()', 'stall', 'stallTimeout'],
    ['spawnNow()', 'singal', 'signal'],
    ['shield()', 'sginal', 'signal'],
    ['idle()', 'form', 'from'],
    ['drain()', 'timeOut', 'timeout'],
    ['waitAndClose()', 'closeTimeouts', 'closeTimeout'],
    ['scheduler.close()', 'fromm', 'from'],
    ['job.wait()', 'tiemout', 'timeout'],
    ['job.close()', 'raeson', 'reason'],
  ])('%s: %s', async (call, given, meant) => {
    expect(await messageOf(call, { [given]: 5 })).toContain(
      `Unknown option \`${given}\`, got 5. Did you mean \`${meant}\`?`,
    );
  });

  it('and with none where nothing is near', async () => {
    expect(await messageOf('idle()', { colour: 'red' })).toBe(
      "Unknown option `colour`, got 'red'. Allowed: signal, from",
    );
  });

  it.each(['pendingTimeouts', 'exit', 'delay', 'retriever'])(
    'and with none for another word: %s',
    async (given) => {
      expect(await messageOf('spawn()', { [given]: 5 })).not.toContain('Did you mean');
    },
  );
});

class Config {
  limit = 5;
}

describe('what is no plain object is refused as options', () => {
  it.each([
    ['a Map', new Map([['limit', 5]]), 'Map'],
    ['a Set', new Set(), 'Set'],
    ['a Date', new Date(), '(object)'],
    ['an Error', new Error('x'), 'Error'],
    ['an instance of a class', new Config(), 'Config'],
    ['another scheduler', new Scheduler(), 'Scheduler'],
    ['an array', [], '[]'],
    ['a promise', Promise.resolve({ limit: 5 }), 'a Promise (object): await it first'],
  ])('%s', async (_, options, printed) => {
    for (const call of Object.keys(calls)) {
      const message = await messageOf(call, options);
      expect(message).toContain('Expected `options` to be an object, got ');
      expect(message).toContain(printed);
      expect(message.length).toBeLessThan(250);
    }
  });

  it('but not an object of another realm, without a prototype, or with defaults for its prototype', () => {
    for (const options of [
      runInNewContext('({ limit: 5 })') as object,
      Object.assign(Object.create(null) as object, { limit: 5 }),
      Object.create({ limit: 5 }) as object,
    ]) {
      expect(new Scheduler(options).limit).toBe(5);
    }
  });

  it('nor because somebody has added to all objects', () => {
    const all = Object.prototype as { added?: unknown };
    all.added = true;
    try {
      expect(new Scheduler({ limit: 5 }).limit).toBe(5);
    } finally {
      delete all.added;
    }
  });
});

function shown(value: unknown): string {
  try {
    void new Scheduler(value as Bad);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a value in a message', () => {
  it('is short, however large the value is', () => {
    const app = Object.assign(() => {}, {
      settings: { deep: 'x'.repeat(5_000) },
      stack: [1, 2, 3],
    });
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`field${at}`, at]));
    class Server {
      readonly fields = Object.keys(fields);
      readonly text = 'x'.repeat(5_000);
    }
    for (const value of [app, new Server(), [fields, fields], 'x'.repeat(5_000), process]) {
      expect(shown(value).length).toBeLessThan(250);
    }
    expect(shown(new Server())).toContain('got Server {…} (object)');
  });

  it('of a promise shows none of the symbols that watchers have put on it', () => {
    const promise = Promise.resolve();
    void Object.assign(promise, { [Symbol('async_id_symbol')]: 5 });
    expect(inspect(promise)).toContain('Symbol');
    expect(shown(promise)).not.toMatch(/Symbol|undefined/);
    expect(shown({ limit: promise })).toContain('got a Promise (object)');
  });

  it('of a function shows its name', () => {
    expect(shown(function middleware() {})).toContain('got [Function: middleware] (function)');
  });
});
