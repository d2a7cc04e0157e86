import { fetchFrom } from '@outlive/test-support/client';
import { Child } from '../support/child.ts';
import { type Fixture, makeFixture } from '../support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('shutdown-cluster');
});
afterAll(() => {
  fixture[Symbol.dispose]();
});

describe('in a cluster', () => {
  it('every worker answers, finishes its jobs and ends by itself', async () => {
    await using child = await Child.start([process.execPath, fixture.path]);
    // The primary deals connections out in turn.
    const answers = [fetchFrom(child, '/'), fetchFrom(child, '/')];
    await child.hears('holding', 2);
    child.kill('SIGTERM');
    const pids = (await Promise.all(answers)).map(({ body }) => Number(body));
    expect(new Set(pids).size).toBe(2);
    await child.hears('worker ended', 2);
    expect(child.all('worker ended').map(({ code, signal }) => [code, signal])).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(child.all('job done')).toHaveLength(2);
    expect(child.all('onShutdown')).toHaveLength(2);
    expect(await child.exit).toEqual({ code: 0, signal: null });
  });
});
