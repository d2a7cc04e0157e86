import type { Group } from '../group.ts';
import type { Pool } from '../pool/pool.ts';
import { GroupRecord } from './group-record.ts';
import type { GroupOptions, JobGroup } from './job-group.ts';
import { resolveGroupOptions } from './options.ts';

/**
 * @param owner - the part of the scheduler's work that the jobs belong to, unless the group is inside a job
 * @param origin - what is noted of the jobs: in `http` their request
 */
export function openGroup(
  pool: Pool,
  options: GroupOptions | undefined,
  owner?: Group,
  origin?: unknown,
): JobGroup {
  const resolved = resolveGroupOptions(options, (job) => pool.has(job));
  return new GroupRecord(pool, resolved, owner, origin);
}
