import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '@outlive/test-support/bundle';

const run = promisify(execFile);

// What the script writes of each scenario.
interface Result {
  readonly framework: string;
  readonly mode: 'with' | 'without';
  readonly requestCount: number;
  readonly perSecond: number;
  readonly connectionCount: number;
  readonly failedCount: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly lostCount: number;
  readonly duplicateCount: number;
  readonly exits: readonly string[];
}

/** What closing at once, without a delay, comes to. */
interface Abrupt {
  readonly framework: string;
  readonly mode: 'with' | 'without';
  readonly answeredCount: number;
  readonly lostFirstCount: number;
  readonly lostLaterCount: number;
}

const results: Result[] = [];
const abrupt: Abrupt[] = [];

beforeAll(async () => {
  using made = await bundle(join(__dirname, '../examples/rolling'), [
    'rolling.mjs',
    'abrupt.mjs',
    'servers/shop.mjs',
  ]);
  const runScript = async <R>(script: string, ...args: string[]): Promise<R[]> => {
    const path = join(made.folder, script);
    const { stdout } = await run(process.execPath, [path, '--json', ...args]);
    return JSON.parse(stdout) as R[];
  };
  const roll = async (...args: string[]): Promise<Result[]> => runScript('rolling.mjs', ...args);
  const all = await Promise.all([roll('http'), roll('express', 'koa', 'fastify', '--only-with')]);
  results.push(...all.flat());
  const frameworks = ['http', 'express', 'koa', 'fastify'];
  const abruptly = frameworks.map(async (framework) =>
    runScript<Abrupt>('abrupt.mjs', framework, '--only-with'),
  );
  abrupt.push(...(await Promise.all(abruptly)).flat());
}, 600_000);

function resultOf(framework: string, mode: Result['mode'] = 'with'): Result {
  const result = results.find((each) => each.framework === framework && each.mode === mode);
  if (result === undefined) throw new Error(`No result of ${framework} ${mode} Outlive`);
  return result;
}

describe.each(['http', 'express', 'koa', 'fastify'])(
  'a %s server that is replaced five times under load',
  (framework) => {
    it('is under load: 200 requests a second, over connections that are kept', () => {
      const { requestCount, perSecond, connectionCount } = resultOf(framework);
      expect(perSecond).toBeGreaterThan(200);
      expect(connectionCount).toBeLessThan(requestCount / 2);
    });

    it('fails no request', () => {
      expect(resultOf(framework).failures).toEqual({});
    });

    it('loses no job', () => {
      expect(resultOf(framework).lostCount).toBe(0);
    });

    it('does no job twice', () => {
      expect(resultOf(framework).duplicateCount).toBe(0);
    });

    it('ends by itself with exit code 0, each time', () => {
      expect(resultOf(framework).exits).toEqual(['0', '0', '0', '0', '0', '0']);
    });
  },
);

describe.each(['http', 'express', 'koa', 'fastify'])(
  'a %s server that closes at once, five times, under 20 connections, kept ones and new ones',
  (framework) => {
    it('answers the request of every connection that it had accepted', () => {
      const result = abrupt.find((each) => each.framework === framework);
      expect(result?.answeredCount).toBeGreaterThan(0);
      expect(result?.lostFirstCount).toBe(0);
    });
  },
);

describe('the same without Outlive', () => {
  it('fails requests and loses jobs', () => {
    const { failedCount, lostCount } = resultOf('http', 'without');
    expect(failedCount).toBeGreaterThan(0);
    expect(lostCount).toBeGreaterThan(0);
  });
});
