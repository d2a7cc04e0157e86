import { inChild } from './support/child.ts';

const clean = { code: 0, stdout: '', stderr: '' };

describe('importing the module', () => {
  it('installs no process listener, starts nothing and prints nothing', async () => {
    const outcome = await inChild(`
      const names = () => JSON.stringify([process.eventNames(), process.getActiveResourcesInfo()]);
      const before = names();
      delete require.cache[require.resolve(${JSON.stringify('../../src/index.ts')})];
      for (const id of Object.keys(require.cache)) if (id.includes('core')) delete require.cache[id];
      require(${JSON.stringify('../../src/index.ts')});
      if (names() !== before) console.log(names());
    `);
    expect(outcome).toEqual(clean);
  });
});

describe('whatever is dropped', () => {
  it('raises neither unhandledRejection nor uncaughtException', async () => {
    const { code, stdout } = await inChild(`
      const boom = () => Promise.reject(new Error('boom'));
      const never = () => new Promise(() => {});
      const obedient = ({ signal }) => new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)));
      const stubborn = ({ signal }) => new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('clean-up'))));
      (async () => {
        for (const exceptionHandler of [
          undefined, () => {}, () => { throw new Error('handler'); }, async () => { throw new Error('handler'); },
        ]) {
          const scheduler = new Scheduler({ limit: 4, pendingLimit: 1, closeTimeout: 5, exceptionHandler });
          scheduler.spawn(boom);
          scheduler.spawnNow(boom).wait();
          scheduler.spawnNow(() => { throw undefined; });
          await turn();
          scheduler.spawn(stubborn).then((job) => { job.close(); });
          scheduler.spawn(stubborn).then((job) => { job[Symbol.asyncDispose](); });
          await turn();
          const job = scheduler.spawnNow(never);
          job.wait({ timeout: 1 });
          job.wait({ signal: AbortSignal.abort() });
          job.wait({ signal: AbortSignal.timeout(1) });
          job.close({ timeout: 1 });
          scheduler.spawnNow(never);
          scheduler.spawnNow(obedient, { timeout: 1 });
          scheduler.spawnNow(never, { after: Promise.reject(new Error('after')) });
          scheduler.spawnNow(obedient).wait();
          scheduler.spawn(never, { signal: AbortSignal.abort() });
          scheduler.spawn(never);
          scheduler.spawn(never, { signal: AbortSignal.timeout(1) });
          scheduler.shield(Promise.reject(new Error('shield')));
          scheduler.shield(boom);
          scheduler.shield(boom, { signal: AbortSignal.abort() });
          scheduler.shield(never, { signal: AbortSignal.timeout(1) });
          scheduler.shield(never());
          scheduler.idle();
          scheduler.idle({ signal: AbortSignal.timeout(1) });
          scheduler.drain({ timeout: 5 });
          await new Promise((resolve) => setTimeout(resolve, 20));
          scheduler.waitAndClose();
          scheduler.close();
          scheduler[Symbol.asyncDispose]();
          await scheduler.close();
          scheduler.spawn(never);
          scheduler.shield(never);
          scheduler.idle();
          scheduler.drain();
        }
      })();
    `);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

describe('a failed job without a handler', () => {
  const script = `
    const scheduler = new Scheduler({ name: 'web' });
    function caller() { scheduler.spawn(async () => { throw new TypeError('boom'); }, { name: 'mail' }); }
    caller();
    scheduler.spawnNow(async () => { throw new Error('waited for'); }).wait().catch(() => {});
  `;

  it('is printed to stderr exactly once, with its names and its error', async () => {
    const { code, stdout, stderr } = await inChild(script);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.match(/Job processing failed/g)).toHaveLength(1);
    expect(stderr.match(/TypeError: boom/g)).toHaveLength(1);
    expect(stderr).toMatch(/job 1 "mail" of scheduler "web"/);
    expect(stderr).not.toMatch(/waited for|spawned/);
  });

  it.each([{ OUTLIVE_DEBUG: '1' }, { NODE_DEBUG: 'outlive' }])(
    'is printed with the place of its spawn() under %p',
    async (env) => {
      const { stderr } = await inChild(script, env);
      expect(stderr).toMatch(/spawned at caller \(/);
      expect(stderr).not.toMatch(/spawned .*scheduler\.ts/);
    },
  );

  it.each([{ OUTLIVE_DEBUG: '0' }, { OUTLIVE_DEBUG: '' }, { NODE_DEBUG: 'http' }])(
    'is printed without it under %p',
    async (env) => {
      const { stderr } = await inChild(script, env);
      expect(stderr).toMatch(/TypeError: boom/);
      expect(stderr).not.toMatch(/spawned/);
    },
  );

  it('is given to a handler with sourceStack, only under debug', async () => {
    const told = `
      const scheduler = new Scheduler({ exceptionHandler: ({ sourceStack }) => console.log(typeof sourceStack) });
      scheduler.spawn(() => { throw 1; });
    `;
    expect(await inChild(told)).toEqual({ ...clean, stdout: 'undefined\n' });
    expect(await inChild(told, { OUTLIVE_DEBUG: '1' })).toEqual({ ...clean, stdout: 'string\n' });
  });

  it('is told also where an async hook makes resources of its own for ours', async () => {
    const outcome = await inChild(`
      const { createHook, AsyncResource } = require('node:async_hooks');
      createHook({ init(id, type) { if (type === 'OutliveEndOfTurn') new AsyncResource('Traced'); } }).enable();
      const scheduler = new Scheduler({ exceptionHandler: ({ exception }) => console.log(exception) });
      scheduler.spawn(() => { throw 'boom'; });
      setImmediate(() => setImmediate(() => console.log('second turn')));
    `);
    expect(outcome).toEqual({ ...clean, stdout: 'boom\nsecond turn\n' });
  });
});

describe('the process', () => {
  it.each([
    ['idle', 'new Scheduler();'],
    ['that has run jobs', 'new Scheduler().spawn(async () => {}, { timeout: 60_000 });'],
    [
      'whose cancelled job never settles',
      'new Scheduler().spawnNow(() => new Promise(() => {}), { timeout: 60_000 }).close({ timeout: 1 });',
    ],
    ['paused with pending jobs', 'const s = new Scheduler(); s.pause(); s.spawn(() => {});'],
    [
      'whose jobs wait for a signal',
      'new Scheduler().spawn(() => new Promise(() => {}), { signal: new AbortController().signal });',
    ],
    [
      'that is waited for to be idle',
      'const s = new Scheduler(); s.pause(); s.spawn(() => {}); s.idle();',
    ],
    ['drained', 'const s = new Scheduler(); s.spawn(async () => {}); s.drain();'],
    [
      'closed, with a job abandoned',
      'const s = new Scheduler({ closeTimeout: 1, exceptionHandler() {} }); s.spawn(() => new Promise(() => {})); s.close();',
    ],
  ])('exits by itself with a scheduler %s', async (_, script) => {
    const outcome = await inChild(`
      setTimeout(() => { console.log('still here'); process.exit(3); }, 10_000).unref();
      ${script}
    `);
    expect(outcome).toEqual(clean);
  });

  it.each([
    ['drain({ timeout: 50 })', 'cancelled 1'],
    ['waitAndClose({ timeout: 50 })', 'cancelled 1'],
    ['close()', 'cancelled 1'],
  ])('stays while %s is pending, though nothing else holds it', async (call, expected) => {
    const outcome = await inChild(`
      const scheduler = new Scheduler({ closeTimeout: 50 });
      // Settles by an unref'd timer, which holds no process.
      scheduler.spawnNow(({ signal }) => new Promise((_, reject) =>
        signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), 10).unref())));
      scheduler.${call}.then(({ cancelled }) => console.log('cancelled', cancelled.length));
    `);
    expect(outcome).toEqual({ ...clean, stdout: `${expected}\n` });
  });

  it('stays while a pending job is drained, until it has run', async () => {
    const outcome = await inChild(`
      const scheduler = new Scheduler();
      const after = new Promise((resolve) => setTimeout(resolve, 50).unref());
      scheduler.spawnNow(() => console.log('ran'), { after });
      scheduler.drain({ timeout: Infinity }).then(() => console.log('drained'));
    `);
    expect(outcome).toEqual({ ...clean, stdout: 'ran\ndrained\n' });
  });
});
