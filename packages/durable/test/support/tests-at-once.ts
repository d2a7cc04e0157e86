/** What the tests of one group have in common: a server, most often. */
interface Shared {
  stop(): Promise<void>;
}

/** The tests of this file that have not started. */
const starts: (() => void)[] = [];
const runs: Promise<void>[] = [];

/** Resolves when nothing of them runs any more: a filter may have left out the test that would have waited for its run. */
export async function allOver(): Promise<void> {
  await Promise.allSettled(runs);
}

afterAll(allOver, 240_000);

/**
 * An `it` for tests that mostly wait: all of a file, also those of other groups, run at the same time, and each reports its
 * own failure.
 *
 * @param start - makes what the tests of this group share; stopped when the last of them is over
 */
export function testsAtOnce<S extends Shared>(
  start: () => Promise<S>,
): (title: string, body: (shared: S) => Promise<void>) => void {
  let shared: Promise<S> | undefined;
  let left = 0;

  const runOne = async (body: (shared: S) => Promise<void>): Promise<void> => {
    shared ??= start();
    try {
      await body(await shared);
    } finally {
      left -= 1;
      if (left === 0) await (await shared).stop();
    }
  };

  return (title, body) => {
    let run: Promise<void> | undefined;
    left += 1;
    starts.push(() => {
      run = runOne(body);
      run.catch(() => undefined); // its own test reports it
      runs.push(run);
    });
    test(
      title,
      async () => {
        // By the first test: Jest loads no modules between a hook and a test.
        for (const begin of starts.splice(0)) begin();
        await run;
      },
      240_000,
    );
  };
}

/** For tests that share nothing. */
export async function nothing(): Promise<Shared> {
  return { stop: async () => undefined };
}
