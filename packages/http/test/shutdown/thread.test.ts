import { Child } from '../support/child.ts';
import { type Fixture, makeFixture } from '../support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('shutdown-thread');
});
afterAll(() => {
  fixture[Symbol.dispose]();
});

describe('gracefulShutdown() in a worker thread', () => {
  it.each([
    ['is told, once, that no signal ever comes', {}, ['OUTLIVE_NO_SIGNALS']],
    ['is told nothing where it expects none', { signals: [] }, []],
  ])('%s', async (_name, options, codes) => {
    const command = [process.execPath, fixture.path, JSON.stringify(options)];
    await using child = await Child.start(command);
    await child.hears('shut down');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.all('warning').map(({ code }) => code)).toEqual(codes);
  });
});
