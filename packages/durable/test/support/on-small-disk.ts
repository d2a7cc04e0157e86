import { spawnSync } from 'node:child_process';

/** The ways to a file system of one's own, that is gone with its process: as root, or with namespaces for everybody. */
const ways = [
  ['unshare', '--mount'],
  ['unshare', '--user', '--map-root-user', '--mount'],
] as const;

const mount = (directory: string, size: string): string =>
  `mount -t tmpfs -o size=${size} none '${directory}'`;

const way = ways.find(([command, ...args]) => {
  const script = `${mount('/tmp', '1m')} && test -z "$(ls /tmp)"`;
  return spawnSync(command, [...args, 'sh', '-c', script]).status === 0;
});

/** A command that runs another one with a small disk at this directory. */
export function onSmallDisk(
  directory: string,
  size: string,
  command: readonly string[],
): [string, string[]] {
  if (way === undefined) throw new Error('unreachable');
  const [unshare, ...args] = way;
  const script = `${mount(directory, size)} && exec "$@"`;
  return [unshare, [...args, 'sh', '-c', script, 'sh', ...command]];
}

/** Tests that need a disk of their own to fill. Where no process may have one they are left out, aloud. */
export function describeSmallDisk(title: string, body: () => void): void {
  if (way !== undefined) {
    describe(title, body);
    return;
  }
  console.warn(`NOT RUN, this machine lets nobody mount a tmpfs (unshare --mount): ${title}`);
  describe.skip(title, body);
}
