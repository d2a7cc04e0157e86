import { Scheduler } from '@outlive/core';
import { inspector, inspectorPlugin, type InspectorOptions } from '@outlive/inspector';
import { fastify } from 'fastify';

const authorize = (): boolean => true;

it('refuses to be mounted where nobody guards it', () => {
  const scheduler = new Scheduler();
  expect(() => inspector(scheduler)).toThrow(TypeError);
  expect(() => inspector(scheduler, {})).toThrow(/needs `authorize`/);
  expect(() => inspector(scheduler, { payloads: true })).toThrow(/needs `authorize`/);
  expect(() => inspector(scheduler, { readOnly: true })).not.toThrow();
  expect(() => inspector(scheduler, { authorize })).not.toThrow();
});

it.each<[options: object, message: RegExp]>([
  [{ authorise: authorize }, /Unknown option `authorise`.* Did you mean `authorize`\?/],
  [{ authorize: true }, /Expected `authorize` to be a function, got true/],
  [{ authorize, readonly: true }, /Did you mean `readOnly`\?/],
  [{ authorize, readOnly: 'yes' }, /Expected `readOnly` to be a boolean, got 'yes'/],
  [{ authorize, payloads: 1 }, /Expected `payloads` to be a boolean, got 1/],
  [{ authorize, payloads: true, redact: 'card' }, /Expected `redact` to be a function, got 'card'/],
  [{ authorize, redact: () => 1 }, /`redact` has nothing to do without `payloads: true`/],
  [{ authorize, title: 7 }, /Expected `title` to be a string, got 7/],
])('refuses %j', async (options, message) => {
  const scheduler = new Scheduler();
  const given = options as InspectorOptions;
  expect(() => inspector(scheduler, given)).toThrow(TypeError);
  expect(() => inspector(scheduler, given)).toThrow(message);
  const app = fastify();
  void app.register(inspectorPlugin, { scheduler, ...given } as object);
  await expect(app.ready()).rejects.toThrow(message);
});

it.each<[target: unknown, message: RegExp]>([
  [undefined, /Expected `scheduler` to be a Scheduler, got undefined/],
  [[], /Expected `scheduler` to have a Scheduler, got none/],
  [[new Scheduler(), 'web'], /Expected `scheduler` to be a Scheduler, got 'web'/],
  [Promise.resolve(new Scheduler()), /await it first/],
])('refuses to show %p', (target, message) => {
  expect(() => inspector(target as Scheduler, { authorize })).toThrow(message);
});

it('called as something else, it says what it is for', () => {
  const page = inspector(new Scheduler(), { authorize }) as unknown as (app: object) => void;
  expect(() => page({})).toThrow(/a handler of requests, for Express, Koa or node:http/);
});
