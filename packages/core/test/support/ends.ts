/** The ways to wait for the end of what a scheduler does. */
export const ends = ['drain', 'waitAndClose', 'close'] as const;

/** No time limit anywhere: what waits for itself waits for ever. */
export const patient = { closeTimeout: Infinity, waitTimeout: Infinity };
