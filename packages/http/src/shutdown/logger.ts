/** What a shutdown reports to: `console` and most loggers fit. */
export interface ShutdownLogger {
  /** What happens, in order: the signal, the steps, the end. */
  info(message: string): void;
  /** What was cut off: a job or a response each. */
  warn(message: string): void;
  /** What failed: `onShutdown`, or the close of a server. */
  error(message: string, error?: unknown): void;
}

/** The default: prints failures alone. */
export const silentLogger: ShutdownLogger = {
  info: () => undefined,
  warn: () => undefined,
  error: (message, error) => {
    if (error === undefined) console.error(`[outlive] ${message}`);
    else console.error(`[outlive] ${message}:`, error);
  },
};

/** A logger that may fail in any way: nothing is worth less than a shutdown that does not reach its end. */
export function unfailing(logger: ShutdownLogger): ShutdownLogger {
  const log = (level: keyof ShutdownLogger, ...args: [string, unknown?]): void => {
    const failed = (error: unknown): void => {
      silentLogger.error(`The logger failed to tell '${args[0]}'`, error);
    };
    try {
      const returned: unknown = Reflect.apply(logger[level], logger, args);
      // One that is async by itself rejects.
      void Promise.resolve(returned).then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  };
  return {
    info: (message) => {
      log('info', message);
    },
    warn: (message) => {
      log('warn', message);
    },
    error: (...args) => {
      log('error', ...args);
    },
  };
}
