import * as core from '@outlive/core';
import * as internal from '@outlive/core/internal';
import manifest from '../package.json';

type Core = typeof core;
type Internal = typeof internal;

/** The package once more, as `jest.resetModules()` or a second folder of `node_modules` would load it. */
function anotherCopy(): { readonly core: Core; readonly internal: Internal } {
  let copy: { core: Core; internal: Internal } | undefined;
  jest.isolateModules(() => {
    copy = {
      core: jest.requireActual<Core>('@outlive/core'),
      internal: jest.requireActual<Internal>('@outlive/core/internal'),
    };
  });
  return copy as { core: Core; internal: Internal };
}

/** The package once more, in another version. */
function anotherVersion(version: string): Core {
  jest.doMock('../src/version.ts', () => ({ version }));
  const { core: copy } = anotherCopy();
  jest.dontMock('../src/version.ts');
  return copy;
}

describe('the version', () => {
  it('is that of package.json', () => {
    expect(internal.version).toBe(manifest.version);
  });
});

describe('a Scheduler of another copy of the same version', () => {
  it('is of another class', () => {
    expect(new (anotherCopy().core.Scheduler)()).not.toBeInstanceOf(core.Scheduler);
  });

  it('is taken for what it is', () => {
    const scheduler = new (anotherCopy().core.Scheduler)();
    expect(internal.isScheduler(scheduler)).toBe(true);
    expect(internal.checkScheduler('scheduler', scheduler)).toBe(scheduler);
  });

  it('runs what this copy gives it', async () => {
    const scheduler = new (anotherCopy().core.Scheduler)();
    const pool = internal.poolOf(scheduler);
    const group = pool.newGroup();
    const job = await pool.spawn(() => 42, internal.resolveJobOptions(undefined), group);
    expect(await job.wait()).toBe(42);
    expect((await scheduler.close()).completed).toBe(0);
  });
});

describe('a Scheduler of another version', () => {
  it('is refused, and both copies are named', () => {
    const scheduler = new (anotherVersion('9.9.9').Scheduler)();
    expect(() => internal.checkScheduler('scheduler', scheduler)).toThrow(TypeError);
    expect(() => internal.checkScheduler('scheduler', scheduler)).toThrow(
      /^Expected `scheduler` to be a Scheduler, got .*: it is one of @outlive\/core 9\.9\.9 \(.+\), and this is @outlive\/core 0\.1\.0 \(.+\)\. .*npm ls @outlive\/core/s,
    );
  });

  it('is told from what is none, also if it says no version', () => {
    const early = { spawnNow() {}, waitAndClose() {} };
    expect(() => internal.checkScheduler('scheduler', early)).toThrow(
      /one of @outlive\/core of another version, and this is @outlive\/core 0\.1\.0 \(/,
    );
    for (const value of [{}, null, undefined, 1, 'Scheduler', core.Scheduler, new Map()]) {
      expect(() => internal.checkScheduler('scheduler', value)).toThrow(
        /^Expected `scheduler` to be a Scheduler, got [^:]*$/,
      );
    }
  });
});

describe('what a Scheduler shows', () => {
  it('is neither its pool nor its copy', () => {
    const scheduler = new core.Scheduler();
    expect(Reflect.ownKeys(scheduler).filter((key) => typeof key === 'symbol')).toHaveLength(1);
    expect(Object.getOwnPropertySymbols(Object.assign({}, scheduler))).toHaveLength(0);
    expect(JSON.stringify(scheduler)).not.toContain('pool"');
  });
});
