import { Scheduler } from '@outlive/core';
import { instrumentOutlive, OutliveInstrumentation } from '@outlive/opentelemetry';

it('is an instrumentation, that can be ended and begun', async () => {
  const instrumentation = instrumentOutlive({ relation: 'child' });
  expect(instrumentation).toBeInstanceOf(OutliveInstrumentation);
  expect(instrumentation.getConfig()).toMatchObject({ relation: 'child', enabled: true });
  instrumentation.setConfig({ jobNames: true });
  const job = await new Scheduler().spawn(async () => 42);
  await expect(job.wait()).resolves.toBe(42);
  instrumentation.disable();
  instrumentation.disable();
});

it.each([
  [{ relation: 'sibling' }, /relation/],
  [{ jobNames: 1 }, /jobNames/],
  [{ jobName: true }, /Did you mean `jobNames`/],
])('refuses %j', (options, message) => {
  expect(() => new OutliveInstrumentation(options as never)).toThrow(message);
});
