// @ts-check
// Runs the examples as whoever copies one of them does: against the packed packages.
import { execFile, spawn } from 'node:child_process';
import { cp, readdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../examples', import.meta.url));

/**
 * @param {object} project
 * @param {string} project.home - a folder in which the packages and their frameworks are installed
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 */
export async function checkExamples({ home, check }) {
  for (const name of ['express', 'koa', 'fastify', 'http']) {
    await check(`example for ${name}`, async () => {
      const folder = join(home, `example-${name}`);
      await cp(join(examples, name), folder, { recursive: true });
      // What `npm start` runs, without the npm in between: it does not hand on every signal.
      const server = spawn(process.execPath, ['server.mjs'], {
        cwd: folder,
        env: { ...process.env, PORT: '0' },
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      });
      if (server.stdout === null) throw new Error('it prints nothing');
      const ended = once(server, 'close');
      const late = setTimeout(() => server.kill('SIGKILL'), 20_000);
      for await (const line of createInterface({ input: server.stdout })) {
        const [, port] = /^listening on port (\d+)/.exec(line) ?? [];
        if (port === undefined) continue;
        const answer = await fetch(`http://127.0.0.1:${port}/products/3`);
        if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
        server.kill('SIGTERM');
      }
      const [code] = await ended;
      clearTimeout(late);
      if (code !== 0) throw new Error(`ended with ${code}`);
    });
  }
  await check('example: the demo', async () => {
    const folder = join(home, 'example-demo');
    await cp(join(examples, 'demo'), folder, { recursive: true });
    const { stdout } = await run(process.execPath, ['demo.mjs'], { cwd: folder, timeout: 60_000 });
    const wide = stdout.split('\n').find((line) => line.length > 80);
    if (wide !== undefined) throw new Error(`wider than 80 columns: ${wide}`);
  });
}

/** What the examples import that is not ours, by their manifests. */
export async function examplePeers() {
  /** @type {Record<string, string>} */
  const peers = {};
  for (const folder of await readdir(examples)) {
    const text = await readFile(join(examples, folder, 'package.json'), 'utf8');
    for (const [name, version] of Object.entries(JSON.parse(text).dependencies ?? {})) {
      if (!name.startsWith('@outlive/')) peers[name] = String(version);
    }
  }
  return peers;
}
