import type { DrainOptions, Scheduler } from '@outlive/core';
import { checkOptions, checkScheduler, resolveDrainOptions } from '@outlive/core/internal';
import { checkServer, type HttpServer } from '../connections/http-server.ts';
import { serverDrain } from './registry.ts';

/**
 * Attaches a whole scheduler to a server: when the server closes, by whatever means, its 'close' event
 * and the callbacks of `close()` are held until all that the scheduler runs has settled: within
 * `timeout`, then it is cancelled, then within `closeTimeout`. The scheduler stays usable.
 *
 * With several servers attached to one scheduler, each waits for the jobs of its own requests and the
 * last to close drains the rest. From the call of `close()` on, responses say `Connection: close` and idle
 * connections are ended. A handler or job that awaits this close waits for itself, until `timeout` and
 * `closeTimeout` are over: `shutdown({ from })` of {@link gracefulShutdown} is for that.
 *
 * @param options - bounds in ms, counted from the call of `close()`; default: the scheduler's own
 * @throws TypeError for anything but a server of Node's and a Scheduler; TypeError or RangeError for a
 *   bad option
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { drainOnClose, Scheduler } from '@outlive/http';
 *
 * const scheduler = new Scheduler();
 * const server = createServer((req, res) => {
 *   scheduler.spawnNow(async () => console.log('writing the audit log'));
 *   res.end('ok');
 * });
 * drainOnClose(server, scheduler, { timeout: 10_000 });
 * ```
 */
export function drainOnClose(
  server: HttpServer,
  scheduler: Scheduler,
  options?: Pick<DrainOptions, 'timeout' | 'closeTimeout'>,
): void {
  checkServer(server);
  checkScheduler('scheduler', scheduler);
  const bounds = checkOptions('options', options, { timeout: true, closeTimeout: true });
  const { timeout, closeTimeout } = resolveDrainOptions(bounds, scheduler);
  serverDrain(server).attachments.attach(scheduler, { timeout, closeTimeout });
}
