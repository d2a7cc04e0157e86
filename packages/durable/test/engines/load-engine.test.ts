import { checkNode, loadEngine } from '../../src/engines/load-engine.ts';

async function load(loaded: () => Promise<unknown>): Promise<unknown> {
  return loadEngine('pg-boss', '>=12 <13', loaded, 'fromPglite');
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

  it('of the wrong version is told from a good one', async () => {
    await expect(load(async () => ({ default: () => {} }))).rejects.toThrow(
      'The pg-boss installed is not of >=12 <13; run: npm install "pg-boss@>=12 <13"',
    );
    const good = { fromPglite: () => {} };
    expect(await load(async () => good)).toBe(good);
  });
});

describe('the version of Node', () => {
  it.each(['20.19.0', '22.11.9', '21.7.0'])('%s is too old', (version) => {
    expect(() => checkNode('The store', version)).toThrow(
      `The store needs Node 22.12 or newer, and this is Node ${version}`,
    );
  });

  it.each(['22.12.0', '22.23.3', '24.0.0'])('%s will do', (version) => {
    expect(() => checkNode('The store', version)).not.toThrow();
  });
});
