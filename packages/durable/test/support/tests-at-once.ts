import type { Server } from './stores.ts';

type Body = (server: Server) => Promise<void>;

/**
 * An `it` for tests on one server that mostly wait: all of them run at the same time, and each reports its
 * own failure.
 */
export function testsAtOnce(start: () => Promise<Server>): (title: string, body: Body) => void {
  const bodies = new Map<string, Body>();
  const runs = new Map<string, Promise<void>>();
  let server: Server;

  beforeAll(async () => {
    server = await start();
  }, 60_000);

  afterAll(async () => {
    await Promise.allSettled(runs.values());
    await server.stop();
  }, 60_000);

  // Called by the first test: Jest loads no modules between a hook and a test.
  const startAll = (): void => {
    for (const [title, body] of bodies) {
      const run = body(server);
      run.catch(() => undefined); // its own test reports it
      runs.set(title, run);
    }
    bodies.clear();
  };

  return (title, body) => {
    bodies.set(title, body);
    test(
      title,
      async () => {
        startAll();
        await runs.get(title);
      },
      120_000,
    );
  };
}
