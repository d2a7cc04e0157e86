import { createHash } from 'node:crypto';
import { checkOptions, expected, type KnownOptions } from '@outlive/core/internal';
import { CronTimes } from './cron-times.ts';
import { toJson } from './payload/to-json.ts';
import { checkKey } from './util/check-key.ts';

/** When jobs are stored by themselves. */
export interface Schedule<I = unknown> {
  /**
   * Five fields (minute, hour, day of the month, month, day of the week), six with seconds before them, or `@hourly`,
   * `@daily`, `@weekly`, `@monthly`, `@yearly`.
   */
  readonly cron: string;
  /** An IANA name such as `Europe/Berlin`, whose clock the fields mean. @defaultValue the definition's `timezone` */
  readonly timezone?: string | undefined;
  /** The payload of its jobs. @defaultValue `{}` */
  readonly payload?: I | undefined;
  /** Up to 200 characters: which jobs the `perKey` of the definition counts together. @defaultValue none: not limited by it */
  readonly group?: string | undefined;
  /**
   * What becomes of the times that passed while no process ran: `'one'` job at the next start, however many were missed,
   * or `'none'`.
   * @defaultValue `'one'`
   */
  readonly missed?: 'one' | 'none' | undefined;
}

/** A schedule, checked. */
export interface ResolvedSchedule {
  /** The same in every process that defines it so. */
  readonly id: string;
  readonly payload: unknown;
  readonly group: string | undefined;
  readonly missed: 'one' | 'none';
  /** When its jobs are due. */
  readonly times: CronTimes;
}

const allowed = 'cron expressions, or objects { cron, timezone, payload, group, missed }';
const allowedCron = 'five fields, six with seconds, or a name such as @daily';

const known: KnownOptions<Schedule> = {
  cron: true,
  timezone: true,
  payload: true,
  group: true,
  missed: true,
};

/** What its definition says of all schedules. */
interface Common {
  readonly name: string;
  readonly timezone: string;
  /** Whether anything counts the jobs of a group. */
  readonly hasGroups: boolean;
}

/**
 * @param name - the name of the job
 * @throws TypeError, RangeError or {@link JobPayloadError}
 */
export function resolveSchedules(
  name: string,
  {
    schedule,
    timezone,
    perKey,
  }: {
    readonly schedule?: unknown;
    readonly timezone?: unknown;
    readonly perKey?: number | undefined;
  },
): readonly ResolvedSchedule[] {
  const zone = timezone === undefined ? 'UTC' : checkTimezone('timezone', timezone);
  const common = { name, timezone: zone, hasGroups: perKey !== undefined };
  if (schedule === undefined) {
    if (timezone === undefined) return [];
    throw new TypeError('`timezone` is of no use without a `schedule`');
  }
  const given: unknown[] = Array.isArray(schedule) ? schedule : [schedule];
  const schedules = given.map((each, index) => {
    return resolveOne(Array.isArray(schedule) ? `schedule[${index}]` : 'schedule', each, common);
  });
  const ids = new Set(schedules.map(({ id }) => id));
  if (ids.size === schedules.length) return schedules;
  throw new TypeError(
    'Two of the `schedule` are the same: their jobs need different payloads, or groups',
  );
}

function resolveOne(
  at: string,
  given: unknown,
  { name, timezone: zone, hasGroups }: Common,
): ResolvedSchedule {
  const options = typeof given === 'string' ? { cron: given } : given;
  const {
    cron,
    timezone,
    payload = {},
    group,
    missed = 'one',
  } = checkOptions<Schedule>(at, options as Schedule, known, allowed);
  if (missed !== 'one' && missed !== 'none') {
    throw new TypeError(expected(`${at}.missed`, "'one' or 'none'", missed));
  }
  checkKey(`${at}.group`, group);
  if (group !== undefined && !hasGroups) {
    throw new TypeError(`\`${at}.group\` is of no use to ${name}, which has no \`perKey\``);
  }
  const tz = timezone === undefined ? zone : checkTimezone(`${at}.timezone`, timezone);
  const stored = toJson(name, payload);
  const text = checkCron(typeof given === 'string' ? at : `${at}.cron`, cron);
  const id = idOf(text, tz, stored, ...(group === undefined ? [] : [group]));
  try {
    // `H` in a field stands for some value: for the same one in every process.
    const times = new CronTimes(text, { timezone: tz, seed: name });
    times.next(Date.now());
    return { id, payload: stored, group, missed, times };
  } catch (error) {
    const reason = (error as Error).message;
    throw new TypeError(`${expected(at, allowedCron, cron)}: ${reason}`, { cause: error });
  }
}

function checkCron(at: string, cron: unknown): string {
  const text = typeof cron === 'string' ? cron.trim().replaceAll(/\s+/g, ' ') : '';
  const fields = text.split(' ').length;
  if (text.startsWith('@') ? fields === 1 : fields === 5 || fields === 6) return text;
  throw new TypeError(expected(at, allowedCron, cron));
}

function checkTimezone(at: string, timezone: unknown): string {
  const rule = 'an IANA time zone such as Europe/Berlin';
  if (typeof timezone !== 'string') throw new TypeError(expected(at, rule, timezone));
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    throw new RangeError(expected(at, rule, timezone));
  }
}

function idOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}
