import { expected } from './expected.ts';

/** How much a line matters: the method of the logger that writes it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** pino, winston, `console`, or anything with their methods. */
export type JobLogger = Readonly<Record<LogLevel, (...args: never[]) => unknown>>;

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * Writes lines in the logger's own way: pino takes the fields first, winston and `console` the message.
 *
 * @throws TypeError for anything but a logger
 */
export function linesTo(
  logger: JobLogger,
): (level: LogLevel, message: string, fields: object) => void {
  for (const level of levels) {
    if (typeof (logger as Partial<JobLogger> | null | undefined)?.[level] !== 'function') {
      throw new TypeError(expected('logger', `an object with ${levels.join(', ')}`, logger));
    }
  }
  const methods = logger as unknown as Record<LogLevel, (...args: unknown[]) => unknown>;
  // Only pino's loggers have bindings (https://getpino.io/#/docs/api?id=logger-bindings).
  const fieldsFirst = typeof (logger as { bindings?: unknown }).bindings === 'function';
  return (level, message, fields) => {
    if (fieldsFirst) methods[level](fields, message);
    else methods[level](message, fields);
  };
}
