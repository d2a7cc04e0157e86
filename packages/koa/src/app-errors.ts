import { inspect, types } from 'node:util';
import type Application from 'koa';
import type { ExceptionContext, Scheduler } from '@outlive/http';
import { printException } from '@outlive/http/internal';

/** Koa's own way of reporting what no caller can be told: the app's `'error'` event. */
export class AppErrors {
  /** Known from the first request on. */
  app: Application | undefined;

  readonly handler = (context: ExceptionContext, scheduler: Scheduler): void => {
    // Without a listener the emit would throw; Koa adds its own with the first `callback()`.
    if (this.app === undefined || this.app.listenerCount('error') === 0) {
      printException(context, scheduler);
      return;
    }
    const { exception, message, job } = context;
    // Koa's listener throws at anything but an error.
    const error =
      types.isNativeError(exception) || exception instanceof Error
        ? exception
        : new Error(`${message}: ${inspect(exception)}`, { cause: exception });
    this.app.emit('error', error, undefined, { message, job });
  };
}
