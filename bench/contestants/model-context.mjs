// @ts-check
// The model in which a job sees the async context of its spawn(), and is known in its own.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { makeModel } from '../lib/model.mjs';

const storage = new AsyncLocalStorage();

export const { waves, oneByOne } = makeModel((run) => {
  const context = new AsyncResource('ModelJob');
  return () => {
    context.runInAsyncScope(() => {
      storage.enterWith(run);
      run();
    });
  };
});
