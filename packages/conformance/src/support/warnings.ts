import { runInThisContext } from 'node:vm';

/** The names of the process warnings from here to the end of the block, of which Jest's own `process` tells none. */
export function warnings(): Disposable & { readonly names: readonly string[] } {
  const real = runInThisContext('process') as NodeJS.Process;
  const names: string[] = [];
  const note = (warning: Error): void => {
    names.push(warning.name);
  };
  real.on('warning', note);
  return {
    names,
    [Symbol.dispose]: () => {
      real.off('warning', note);
    },
  };
}
