import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Time in ms without a sign of life after which an owner on another host counts as dead. */
const staleAfter = 30_000;

/** The process that holds a directory, as written in the lock file. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Distinguishes a process from a later one with the same pid: in a container, every restart has the same. */
  readonly birth: string;
}

export async function thisProcess(): Promise<LockOwner> {
  return { pid: process.pid, host: hostname(), birth: await birthOf(process.pid) };
}

/**
 * Whether the process still runs.
 *
 * @param silence - time in ms since its last sign of life: the process of another host cannot be looked up
 */
export async function isLive(owner: LockOwner, silence: number): Promise<boolean> {
  if (owner.host !== hostname()) return silence < staleAfter;
  return exists(owner.pid) && (await birthOf(owner.pid)) === owner.birth;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The start of a process in ticks since the boot; empty where there is no `/proc`: the pid has to do. */
async function birthOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may hold anything. The state is the third, the
    // start time the 22nd (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead, though its parent has not asked for its end yet: often in a container.
    return ['Z', 'X'].includes(fields[0] ?? '') ? 'dead' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
