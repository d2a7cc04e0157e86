import { statfs } from 'node:fs/promises';

/** Bytes that PostgreSQL wants at once, when its write-ahead log grows: a file of it, and some pages. */
const enough = 20 * 1_024 * 1_024;

/** Whether the database in this directory may grow. Where that cannot be found out, it may. */
export async function hasRoom(directory: string | undefined): Promise<boolean> {
  if (directory === undefined) return true;
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize >= enough;
  } catch {
    return true;
  }
}
