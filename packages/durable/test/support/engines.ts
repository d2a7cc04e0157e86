import { openJobs } from '@outlive/durable';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** Whether pg-boss works here at all. */
const nodeIsNewEnough: boolean = major > 22 || (major === 22 && minor >= 12);

/**
 * Tests of a store of pg-boss. Where Node is too old for that, they are left out, with a message, and the
 * error for the user is tested instead.
 */
export function describePgBoss(title: string, body: () => void): void {
  if (nodeIsNewEnough) {
    describe(title, body);
    return;
  }
  process.stderr.write(`NOT RUN on Node ${process.versions.node} (needs 22.12): ${title}\n`);
  describe(title, () => {
    it.each(['.jobs-unused', 'postgres://127.0.0.1:9/none'])(
      'is refused on this Node, with the version it needs: %s',
      async (store) => {
        await expect(openJobs({ jobs: [], store })).rejects.toMatchObject({
          code: 'ERR_ENGINE_MISSING',
          message: expect.stringMatching(/needs Node 22\.12 or newer/),
        });
      },
    );
  });
}
