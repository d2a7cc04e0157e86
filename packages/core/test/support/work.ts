import { inChild } from './child.ts';

/**
 * How much of the core's code `run(count)` of the script executes, counted in blocks of code by V8's coverage, which no
 * load on the machine changes; for each of the counts, per one of them.
 *
 * @param script - defines `run(count)`, which may be async; `Scheduler` and `turn` are in scope
 */
export async function workPerOne(script: string, counts: readonly number[]): Promise<number[]> {
  const { code, stdout, stderr } = await inChild(`
    const { Session } = require('node:inspector/promises');
    ${script}
    (async () => {
      const session = new Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
      const work = [];
      for (const count of ${JSON.stringify(counts)}) {
        await session.post('Profiler.takePreciseCoverage');
        await run(count);
        const { result } = await session.post('Profiler.takePreciseCoverage');
        const blocks = result
          .filter(({ url }) => /core.src/.test(url))
          .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges));
        work.push(blocks.reduce((sum, block) => sum + block.count, 0) / count);
      }
      session.disconnect();
      console.log(JSON.stringify(work));
    })();
  `);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as number[];
}
