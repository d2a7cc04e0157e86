import { hostname } from 'node:os';

/** How stores call this process. */
export const thisProcess: string = `${hostname()}:${process.pid}`;
