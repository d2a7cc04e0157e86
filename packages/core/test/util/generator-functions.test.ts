import { Scheduler } from '@outlive/core';
import { checkFunction } from '@outlive/core/internal';

function* steps(): Generator<number> {
  yield 1;
}

async function* asyncSteps(): AsyncGenerator<number> {
  yield 1;
}

describe('a generator function as a callback', () => {
  it.each([steps, asyncSteps])('is refused, since its body would never run: %p', (generator) => {
    expect(() => checkFunction('onShutdown', generator)).toThrow(
      /^Expected `onShutdown` to be a function that runs when it is called, .*its body would never run/,
    );
    expect(() => new Scheduler({ exceptionHandler: generator as never })).toThrow(TypeError);
  });
});
