import type { ServerResponse } from 'node:http';

/** Whether a response belongs to the caller of a shutdown, who answers once that is over. */
export type IsLeftOut = (response: ServerResponse) => boolean;

/** The default: every response is waited for. */
export const leavesOutNone: IsLeftOut = () => false;
