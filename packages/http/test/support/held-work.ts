import { atomic, type JobFunction, shield, spawn } from '@outlive/http';
import { type Deferred, deferred } from '@outlive/test-support/deferred';
import type { Listener, Routes } from './serve-jobs.ts';

/** Work of requests that goes on until a test says so. */
export class HeldWork {
  readonly done: string[] = [];
  readonly entered: Deferred<void> = deferred();
  readonly #gate = deferred();
  readonly #disconnect = deferred();

  /** Spawns a job that is held. */
  readonly job: Listener = async (request, response) => {
    await spawn(request, this.run('job'), { name: 'held' });
    response.end('spawned');
  };

  /** Shields work that is held. */
  readonly shield: Listener = (request, response) => {
    void shield(request, this.run('shield'));
    response.end('shielded');
  };

  /** Is held itself. */
  readonly atomic: Listener = atomic(async (_request, response) => {
    response.once('close', this.#disconnect.resolve);
    await this.run('atomic')();
    response.end('late');
  });

  /** Is held as well, and no job. */
  readonly plain: Listener = async (_request, response) => {
    await this.run('plain')();
    response.end('late');
  };

  get routes(): Routes {
    return {
      '/job': this.job,
      '/shield': this.shield,
      '/atomic': this.atomic,
      '/plain': this.plain,
      '/quick': (_request, response) => response.end('quick'),
    };
  }

  /** Resolves when the client of `/atomic` has left. */
  get disconnect(): Promise<void> {
    return this.#disconnect.promise;
  }

  run(name: string): () => Promise<void> {
    return async () => {
      this.entered.resolve();
      await this.#gate.promise;
      this.done.push(name);
    };
  }

  readonly release = (): void => {
    this.#gate.resolve();
  };
}

/** A job that ends when it is cancelled, and tells. */
export function cancellable(told: string[], name = 'cancelled'): JobFunction<never> {
  return ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        told.push(name);
        reject(signal.reason as Error);
      });
    });
}
