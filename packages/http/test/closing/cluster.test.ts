import { fetchFrom } from '@outlive/test-support/client';
import { Child } from '../support/child.ts';
import { type Fixture, makeFixture } from '../support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('cluster-server');
});
afterAll(() => {
  fixture[Symbol.dispose]();
});

describe('a worker of a cluster that disconnects', () => {
  it('stays connected until the jobs of its requests have settled', async () => {
    await using child = await Child.start([process.execPath, fixture.path]);
    await fetchFrom(child, '/');
    await child.hears('stopped');
    child.release();
    await child.hears('exit');
    expect(child.told.map(({ event }) => event)).toEqual([
      'listening',
      'stopped',
      'job done',
      'disconnected',
      'exit',
    ]);
    expect(child.all('exit')).toMatchObject([{ code: 0, signal: null }]);
  });
});
