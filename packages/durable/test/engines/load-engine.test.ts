import { loadEngine } from '../../src/engines/load-engine.ts';

interface Engine {
  readonly fromPglite?: () => void;
  readonly default?: () => void;
}

async function load(engine: () => Promise<Engine>): Promise<Engine> {
  return loadEngine('pg-boss', '>=12 <13', engine, 'fromPglite');
}

describe('an engine', () => {
  it('that is not installed is named, with the command that installs it', async () => {
    const cause = new Error("Cannot find package 'pg-boss'");
    await expect(load(async () => Promise.reject(cause))).rejects.toMatchObject({
      code: 'ERR_ENGINE_MISSING',
      message: 'pg-boss cannot be loaded; run: npm install "pg-boss@>=12 <13"',
      cause,
    });
  });

  it('of the wrong version is refused, a good one loaded', async () => {
    await expect(load(async () => ({ default: () => {} }))).rejects.toThrow(
      'The pg-boss installed is not of >=12 <13; run: npm install "pg-boss@>=12 <13"',
    );
    const good = { fromPglite: () => {} };
    expect(await load(async () => good)).toBe(good);
  });
});
