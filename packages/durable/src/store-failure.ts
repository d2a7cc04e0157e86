import { inspect } from 'node:util';
import { SchedulerError } from '@outlive/core';
import { withoutStack } from '@outlive/core/internal';
import type { JobBackend } from './backend.ts';
import { JobStoreError } from './errors.ts';

/** What to call a store in a message. */
export function nameOf({ description = 'the job store' }: JobBackend): string {
  return description;
}

/**
 * The failure of a store with the name of that store: an engine's own "connect ECONNREFUSED" says neither which it is nor
 * what it is for. Errors of our own say so already.
 *
 * @param what - what the store failed to do: `cannot be opened`
 */
export function storeFailure(backend: JobBackend, what: string, error: unknown): unknown {
  if (error instanceof SchedulerError) return error;
  const message = `${nameOf(backend)} ${what}: ${reasonOf(error)}`;
  return withoutStack(() => new JobStoreError(message, { cause: withoutArguments(error) }));
}

/** The message of an engine's error. That of a refused connection to several addresses has none of its own. */
export function reasonOf(error: unknown): string {
  const { message, code, errors } = (error ?? {}) as {
    message?: unknown;
    code?: unknown;
    errors?: unknown;
  };
  if (typeof message === 'string' && message !== '') return message;
  if (Array.isArray(errors) && errors.length > 0) return errors.map(reasonOf).join(', ');
  return typeof code === 'string' ? code : inspect(error);
}

/** The errors of ioredis hold the command with its arguments: a password, or a payload, to be printed with the error. */
export function withoutArguments(error: unknown): unknown {
  const { command } = (error ?? {}) as { command?: { name?: unknown; args?: unknown } };
  if (typeof command === 'object' && command !== null && 'args' in command) {
    (error as { command: unknown }).command = { name: command.name };
  }
  return error;
}
