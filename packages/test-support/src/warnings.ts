import { runInThisContext } from 'node:vm';

type Warning = Error & { readonly code?: string };

/** The warnings of the process from here to the end of the block; Jest's own `process` tells of none. */
export function warnings(): Disposable & { readonly all: readonly Warning[] } {
  const real = runInThisContext('process') as NodeJS.Process;
  const all: Warning[] = [];
  const note = (warning: Warning): void => {
    all.push(warning);
  };
  real.on('warning', note);
  return {
    all,
    [Symbol.dispose]: () => {
      real.off('warning', note);
    },
  };
}
