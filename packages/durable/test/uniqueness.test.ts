import { memoryBackend } from '@outlive/durable';
import { memoryWith, storeOpener } from './support/open-store.ts';
import { Runs } from './support/runs.ts';

const open = storeOpener();

describe('a key', () => {
  it('with a window lets one job be stored within it, also when that is done', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    const { jobs } = await open(runs, { backend });
    const once = { key: 'ada', window: 3_600_000 };
    expect(await jobs.enqueue(runs.job, 1, once)).not.toBeNull();
    expect(await jobs.enqueue(runs.job, 2, once)).toBeNull();
    (await runs.begun()).end();
    await jobs.idle();
    backend.advance(3_000_000);
    expect(await jobs.enqueue(runs.job, 3, once)).toBeNull();
    backend.advance(600_000);
    expect(await jobs.enqueue(runs.job, 4, once)).not.toBeNull();
    expect((await runs.begun(2)).payload).toBe(4);
  });

  it('with replace puts a job off, with the last payload: a debounce', async () => {
    const runs = new Runs();
    const backend = memoryBackend();
    const { jobs } = await open(runs, { backend });
    const debounce = { key: 'doc', replace: true, delay: 3_600_000 };
    const ids = new Set<string | null>();
    for (let payload = 1; payload <= 4; payload += 1) {
      ids.add(await jobs.enqueue(runs.job, payload, debounce));
      backend.advance(3_000_000);
      await backend.runPending();
    }
    expect(runs.all).toEqual([]);
    backend.advance(600_000);
    const run = await runs.begun();
    expect([...ids]).toEqual([run.context.id]);
    expect(run.payload).toBe(4);
    // What comes while it runs is a job of its own.
    const next = await jobs.enqueue(runs.job, 5, { ...debounce, delay: 0 });
    expect(next).not.toBe(run.context.id);
    expect((await runs.begun(2)).payload).toBe(5);
  });

  it.each([
    [{ window: 100 }, TypeError, 'A `window` needs a `key`'],
    [{ key: 'a', window: 0 }, RangeError, /`window`.*milliseconds from 1/],
    [{ key: 'a', window: Infinity }, RangeError, /`window`/],
    [{ key: 'a', window: '1h' }, TypeError, /`window`/],
    [{ replace: true }, TypeError, '`replace` needs a `key`, and no `window`'],
    [{ key: 'a', replace: true, window: 5 }, TypeError, '`replace` needs a `key`, and no `window`'],
    [{ key: 'a', replace: 1 }, TypeError, /`replace`.*boolean/],
    [{ key: 'a', windwo: 5 }, TypeError, /Did you mean `window`/],
    [{ group: '' }, TypeError, /`group`/],
    [{ group: 'a' }, TypeError, 'A `group` is of no use to held, which has no `perKey`'],
  ])('has options that are checked at the call: %p', async (options, type, message) => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const call = () => jobs.enqueue(runs.job, {}, options as never);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });

  it.each([
    [{ key: 'a', window: 5 }, 'window'],
    [{ key: 'a', replace: true }, 'replace'],
  ])('is refused by a store that cannot do it, at the call: %p', async (options, feature) => {
    const runs = new Runs();
    const backend = memoryWith(() => ({ features: ['perKey'], description: 'My store' }));
    const { jobs } = await open(runs, { backend });
    const call = () => jobs.enqueue(runs.job, {}, options);
    expect(call).toThrow(`My store does not support ${feature}`);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED', feature }));
  });
});
