import { CronTimes } from '../src/cron-times.ts';

const timesOf = (text: string, timezone: string): CronTimes =>
  new CronTimes(text, { timezone, seed: 'job' });

function following(times: CronTimes, from: string, count: number): string[] {
  const found: number[] = [];
  for (let at = Date.parse(from); found.length < count; at = found.at(-1) ?? 0) {
    found.push(times.next(at));
  }
  return found.map((time) => new Date(time).toISOString().slice(5, 16));
}

const hour = 60 * 60 * 1_000;

describe('the times of a cron expression', () => {
  it.each([
    // Some clocks are put forward at midnight: the day begins at 1:00.
    ['0 0 * * *', 'Africa/Cairo', '2027-04-28', ['04-28T22:00', '04-29T22:00', '04-30T21:00']],
    ['30 0 * * *', 'Asia/Beirut', '2027-03-26', ['03-26T22:30', '03-27T22:30', '03-28T21:30']],
    ['0 0 * * 0', 'America/Santiago', '2027-08-28', ['08-29T04:00', '09-05T04:00', '09-12T03:00']],
    ['0 0 5 9 *', 'America/Santiago', '2027-08-28', ['09-05T04:00', '09-05T03:00', '09-05T03:00']],
    // 2:45 comes an hour later, as it is put forward then.
    ['45 2 * * *', 'Pacific/Chatham', '2027-09-25', ['09-25T14:00', '09-26T13:00', '09-27T13:00']],
    // By half an hour; by two.
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2027-10-01',
      ['10-01T15:45', '10-02T15:45', '10-03T15:15'],
    ],
    ['30 2 * * *', 'Antarctica/Troll', '2027-03-27', ['03-27T02:30', '03-28T02:30', '03-29T00:30']],
    // Several that do not exist.
    ['0,30 2 * * *', 'Europe/Berlin', '2027-03-28', ['03-28T01:00', '03-29T00:00', '03-29T00:30']],
    ['0 2,3 * * *', 'Europe/Berlin', '2027-03-28', ['03-28T01:00', '03-29T00:00', '03-29T01:00']],
  ])(
    'that the clocks skip is met as much later as they skip: %s %s',
    (text, timezone, from, expected) => {
      expect(following(timesOf(text, timezone), from, 3)).toEqual(expected);
    },
  );

  it('that the clocks skip is met also by a process that starts after the change', () => {
    const times = timesOf('30 2 * * *', 'Europe/Berlin');
    expect(following(times, '2027-03-28T01:10:00Z', 2)).toEqual(['03-28T01:30', '03-29T00:30']);
  });

  it.each([
    ['15 2 * * *', 'Australia/Lord_Howe', '2027-04-03', ['04-03T15:45', '04-04T15:45']],
    ['45 1 * * *', 'Australia/Lord_Howe', '2027-04-03', ['04-03T14:45', '04-04T15:15']],
    ['30 2 * * *', 'Antarctica/Troll', '2027-10-31', ['10-31T00:30', '11-01T02:30']],
    ['0 */2 * * *', 'Europe/Berlin', '2027-10-30T23:00Z', ['10-31T00:00', '10-31T03:00']],
    // It starts between the two.
    ['30 2 * * *', 'Europe/Berlin', '2027-10-31T01:10Z', ['11-01T01:30', '11-02T01:30']],
  ])('that the clocks show twice is met once: %s %s', (text, timezone, from, expected) => {
    expect(following(timesOf(text, timezone), from, 2)).toEqual(expected);
  });

  it.each([
    ['Europe/Berlin', '2027-03-27'],
    ['Europe/Berlin', '2027-10-30'],
    ['Africa/Cairo', '2027-04-29'],
    ['America/Santiago', '2027-04-03'],
    ['Antarctica/Troll', '2027-10-30'],
  ])('with every hour come each hour, whatever the clocks do: %s', (timezone, from) => {
    const times = timesOf('0 * * * *', timezone);
    const start = Date.parse(from);
    for (let time = start; time < start + 50 * hour; time += hour) {
      expect(times.next(time)).toBe(time + hour);
    }
  });

  it.each([
    ['0 0 * * *', 'Africa/Cairo', '2027-04-27', 5],
    ['0 0 * * 0', 'America/Santiago', '2027-08-21', 4],
    ['15,45 2 * * *', 'Australia/Lord_Howe', '2027-04-01', 9],
    ['15,45 2 * * *', 'Australia/Lord_Howe', '2027-09-30', 9],
    ['30 2 * * *', 'Antarctica/Troll', '2027-03-26', 5],
    ['30 2 * * *', 'Antarctica/Troll', '2027-10-28', 5],
    ['*/10 1-3 * * *', 'Europe/Berlin', '2027-10-30T22:00Z', 30],
    ['0 0 29 2 *', 'UTC', '2095-01-01', 2],
  ])('are the same looked at backwards: %s %s from %s on', (text, timezone, from, count) => {
    const times = timesOf(text, timezone);
    let time = times.next(Date.parse(from));
    for (let n = 0; n < count; n += 1) {
      const next = times.next(time);
      expect([times.last(time), times.last(next - 1), times.last(next)]).toEqual([
        time,
        time,
        next,
      ]);
      time = next;
    }
  });
});
