import { EngineMissingError } from '../../errors.ts';

/**
 * Whether a Redis can keep jobs, by its answer to `INFO`.
 *
 * @returns warnings
 * @throws {@link EngineMissingError} for a Redis that is too old
 */
export function checkRedis(info: string): string[] {
  const fields = new Map(
    info.split(/\r?\n/).map((line) => {
      const [name = '', value = ''] = line.split(':');
      return [name, value];
    }),
  );
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
