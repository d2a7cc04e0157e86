import { createServer } from 'node:http';
import { gracefulShutdown, Scheduler, type ShutdownOptions } from '@outlive/http';

const handlers = (): number => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');

describe('a bad option of gracefulShutdown()', () => {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

  it.each<[name: string, message: string, options: unknown]>([
    ['options', '`options`', 5],
    ['signals', '`signals`', { signals: 'SIGTERM' }],
    ['signals, one of them', '`signals`', { signals: ['SIGTERM', 'SIGNONE'] }],
    ['signals, one that no process can handle', '`signals`', { signals: ['SIGKILL'] }],
    ['signals, null', '`signals`', { signals: null }],
    ['message, not a string', '`message`', { message: true }],
    ['message, empty', '`message`', { message: '' }],
    ['message, null', '`message`', { message: null }],
    ['delay, negative', '`delay`', { delay: -1 }],
    ['delay, not a number', '`delay`', { delay: '5s' }],
    ['delay, null', '`delay`', { delay: null }],
    ['timeout, NaN', '`timeout`', { timeout: Number.NaN }],
    ['timeout, negative', '`timeout`', { timeout: -1 }],
    ['scheduler', '`scheduler`', { scheduler: {} }],
    ['scheduler, one of several', '`scheduler`', { scheduler: [new Scheduler(), 1] }],
    ['scheduler, null', '`scheduler`', { scheduler: null }],
    ['onShutdown', '`onShutdown`', { onShutdown: true }],
    ['onShutdown, null', '`onShutdown`', { onShutdown: null }],
    ['logger, null', '`logger', { logger: null }],
    ['logger without a method', '`logger.error`', { logger: { ...silent, error: undefined } }],
  ])('is named at the call, before anything has changed: %s', (_name, message, options) => {
    const server = createServer();
    const before = [handlers(), Object.getOwnPropertyDescriptors(server)];
    expect(() => gracefulShutdown(server, options as ShutdownOptions)).toThrow(message);
    expect([handlers(), Object.getOwnPropertyDescriptors(server)]).toEqual(before);
  });

  it.each([undefined, null, {}, 3000, () => undefined])('is no server at all: %p', (server) => {
    const before = handlers();
    expect(() => gracefulShutdown(server as never)).toThrow(TypeError);
    expect(handlers()).toBe(before);
  });
});

describe('options of gracefulShutdown()', () => {
  it('may be undefined, each for its default', () => {
    const before = handlers();
    const shutdown = gracefulShutdown(createServer(), {
      signals: undefined,
      message: undefined,
      delay: undefined,
      timeout: undefined,
      scheduler: undefined,
      onShutdown: undefined,
      logger: undefined,
    });
    expect(handlers()).toBe(before + 2);
    shutdown.dispose();
  });

  it('take a signal that is given twice once', () => {
    const before = process.listenerCount('SIGTERM');
    const shutdown = gracefulShutdown(createServer(), { signals: ['SIGTERM', 'SIGTERM'] });
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    shutdown.dispose();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('may be no limit at all', () => {
    expect(() => {
      gracefulShutdown(createServer(), { delay: Infinity, timeout: Infinity }).dispose();
    }).not.toThrow();
  });

  it('are copied: what becomes of the object does not matter', () => {
    const signals: NodeJS.Signals[] = ['SIGUSR2'];
    const before = process.listenerCount('SIGUSR2');
    const shutdown = gracefulShutdown(createServer(), { signals });
    signals.length = 0;
    shutdown.dispose();
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });
});
