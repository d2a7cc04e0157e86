/** ms. */
const minute = 60_000;
const hour = 3_600_000;

/** What a scale may reach: so that its half is a round number as well. */
const digits = [1, 2, 4, 6, 8, 10];

/** The round number from which a scale is to go down to 0, for values up to `max`. */
export function roundTop(max: number, areTimes: boolean): number {
  const unit = !areTimes || max <= minute ? 1 : max <= hour ? minute : hour;
  const value = Math.max(max / unit, unit === 1 ? 4 : 2);
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = digits.find((each) => each * power >= value) ?? 10;
  return digit * power * unit;
}
