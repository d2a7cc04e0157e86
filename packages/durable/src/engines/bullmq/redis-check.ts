import { EngineMissingError } from '../../errors.ts';

/**
 * Whether a Redis can keep jobs, by its answer to `INFO`.
 *
 * @returns warnings
 * @throws {@link EngineMissingError} for a Redis that is too old
 */
export function checkRedis(info: string): string[] {
  const fields = fieldsOf(info);
  // Valkey says which Redis it is like, and may cease to.
  const version = fields.get('redis_version');
  const [major = 0, minor = 0] = (version ?? '6.2').split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new EngineMissingError(`BullMQ needs Redis 6.2 or newer, and this is Redis ${version}`);
  }
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  const warnings: string[] = [];
  if (policy !== 'noeviction') {
    warnings.push(
      `loses jobs when its memory is full: its maxmemory-policy is ${policy}, and has to be noeviction`,
    );
  }
  if (fields.get('aof_enabled') === '0') {
    warnings.push(
      'loses jobs when it is killed or its machine fails: its appendonly is no, and has to be yes',
    );
  }
  return warnings;
}

/**
 * ioredis connects anew after a command that a replica refuses, and says that of the next one alone. Who defines no jobs may look
 * at those that are stored.
 *
 * @throws Error for a replica that takes no job, by its answer to `INFO`
 */
export function refuseReplica(info: string): void {
  const fields = fieldsOf(info);
  const takesNone = fields.get('role') === 'slave' && fields.get('slave_read_only') !== '0';
  // The client of a cluster finds the masters by itself.
  if (!takesNone || fields.get('cluster_enabled') === '1') return;
  throw new Error(
    'it is a replica, which stores nothing: give the address of its master, or of the sentinels',
  );
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split(/\r?\n/).map((line) => line.split(':'));
  return new Map(lines.map(([name = '', value = '']) => [name, value]));
}
