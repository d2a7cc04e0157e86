import * as fc from 'fast-check';
import { nextTurn } from '@outlive/test-support/turn';
import { type Action, actions, setups } from './model/actions.ts';
import { ModelWorld } from './model/model-world.ts';
import { RealWorld } from './model/real-world.ts';

const leastSteps = 100_000;
/** The same in every run. Others are tried by `OUTLIVE_MODEL_SEED=$RANDOM npx jest packages/core/test/model`. */
const seed = Number(process.env['OUTLIVE_MODEL_SEED'] ?? 1);
let steps = 0;

/** One action, performed in both worlds: afterwards nothing that can be seen may differ. */
class Perform implements fc.AsyncCommand<ModelWorld, RealWorld> {
  readonly #action: Action;

  constructor(action: Action) {
    this.#action = action;
  }

  check(model: Readonly<ModelWorld>): boolean {
    return model.possible(this.#action);
  }

  async run(model: ModelWorld, real: RealWorld): Promise<void> {
    steps += 1;
    await performInBoth(model, real, this.#action);
  }

  toString(): string {
    return fc.stringify(this.#action);
  }
}

async function performInBoth(model: ModelWorld, real: RealWorld, action: Action): Promise<void> {
  real.perform(action);
  await nextTurn();
  model.perform(action);
  model.clock.endTurn();
  const ended = model.ended.splice(0);
  expectSame(
    {
      counters: real.counters(),
      live: real.live(),
      ended: ended.map((job) => real.job(job.id)),
      trace: real.trace.splice(0),
      results: real.results.splice(0).toSorted(),
    },
    {
      counters: model.counters(),
      live: model.live(),
      ended: ended.map((job) => model.describe(job)),
      trace: model.trace.splice(0),
      results: model.results.splice(0).toSorted(),
    },
  );
}

/** `toEqual()` only where its report is wanted: it would take most of the time. */
function expectSame(real: unknown, model: unknown): void {
  if (JSON.stringify(real) !== JSON.stringify(model)) expect(real).toEqual(model);
}

/** Ends everything that is still open; nothing that was handed out may be left behind. */
async function finish(model: ModelWorld, real: RealWorld): Promise<void> {
  await performInBoth(model, real, { type: 'close', from: [] });
  await performInBoth(model, real, { type: 'advance', by: 1_000 });
  expect(real.openPromises()).toEqual([]);
  for (const type of ['settle', 'settleShield', 'settleAfter'] as const) {
    const action = { type, pick: 0, how: 'value', reject: false } as Action;
    while (model.possible(action)) await performInBoth(model, real, action);
  }
  await performInBoth(model, real, { type: 'advance', by: 1_000 });
  expect(real.openPromises()).toEqual([]);
  const noJobs = expect.stringMatching(/^(0(,0)*)?$/) as string;
  expect(real.counters().slice(1)).toEqual([0, 0, 0, true, true, 0, noJobs]);
}

describe('a scheduler, whatever happens to it in whatever order,', () => {
  beforeAll(() => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'performance'],
    });
  });

  afterAll(() => {
    jest.useRealTimers();
  });

  it('behaves like a simple model of the contract', async () => {
    const commands = fc.commands(
      [actions.map((action) => new Perform(action))],
      // A failure prints `path`, to be put below, and `replayPath`, to be put here.
      { maxCommands: 200, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(setups, commands, async (setup, sequence) => {
        jest.clearAllTimers();
        jest.setSystemTime(0);
        const worlds = { model: new ModelWorld(setup), real: new RealWorld(setup) };
        await fc.asyncModelRun(() => worlds, sequence);
        await finish(worlds.model, worlds.real);
      }),
      { numRuns: 1_500, seed },
    );
    expect(steps).toBeGreaterThanOrEqual(leastSteps);
  }, 600_000);
});
