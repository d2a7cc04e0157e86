/** Longest time in ms until a job may start: ten years. Engines keep times in numbers that have an end. */
export const longestDelay: number = 3_653 * 24 * 60 * 60 * 1_000;
