import type { ExceptionContext, JobsOptions } from '@outlive/http';
import type { Driver, NativeHandler, Route } from '../driver.ts';

/** What to register with the framework for a route. */
export function handlerOf(
  { atomic, exchange }: Pick<Driver, 'atomic' | 'exchange'>,
  route: Route,
): NativeHandler {
  if (route.native) return route.handler;
  const { handler: inner } = route;
  const handler: NativeHandler = (...args) => inner(exchange(args));
  return route.atomic === undefined ? handler : atomic(handler, route.atomic);
}

/** Options whose exception handler collects what it is told, unless they bring their own scheduler. */
export function collecting(told: ExceptionContext[], options: JobsOptions = {}): JobsOptions {
  if (options.scheduler !== undefined || 'exceptionHandler' in options) return options;
  return {
    ...options,
    exceptionHandler: (context) => {
      told.push(context);
    },
  };
}

export function messageOf(error: unknown): string {
  return (error as { message?: string } | undefined)?.message ?? String(error);
}

/** The status that an error asks for. */
export function statusOf(error: unknown): number {
  return (error as { status?: number } | undefined)?.status ?? 500;
}
