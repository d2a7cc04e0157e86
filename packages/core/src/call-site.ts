import { basename, dirname } from 'node:path';
import { debuglog } from 'node:util';
import type { JobRecord } from './job/record.ts';

const nodeDebug = debuglog('outlive');

/** Frames to look at: the library's own are among them, and those of a framework. */
const deepest = 50;

/** Whether to remember where each job was spawned: a stack costs more than a whole job. */
export function debugging(): boolean {
  return process.env['OUTLIVE_DEBUG'] === '1' || nodeDebug.enabled;
}

/** The stack of now, from the first frame on that is none of the library's own. */
export function callSite(): string {
  const limit = Error.stackTraceLimit;
  const lines = framesOfNow();
  const foreign = lines.filter((line) => !isOwn(line));
  const first = foreign.findIndex((line) => !isNative(line));
  // In the output of a bundler all frames are of one file.
  const shown = first < 0 ? (foreign.length > 0 ? foreign : lines) : foreign.slice(first);
  return shown.slice(0, Math.max(limit, 10)).join('\n');
}

/** {@link callSite} under debug, for a package that makes its jobs later than it is called. */
export function callSiteUnderDebug(): string | undefined {
  return debugging() ? callSite() : undefined;
}

/** Where the job comes from, if that is known: its own `spawn()` is in the library then. */
export function noteCallSite(job: object, site: string | undefined): void {
  if (site !== undefined) (job as JobRecord).extend().sourceStack = site;
}

function framesOfNow(): string[] {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = deepest;
  } catch {
    // Somebody has frozen it: as many as there are.
  }
  // A `prepareStackTrace` of the user's may give anything.
  const stack: unknown = new Error('spawned').stack;
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // As above.
  }
  return typeof stack === 'string' ? stack.split('\n').slice(1) : [];
}

/** What Node or the language itself calls; of nobody's file. */
function isNative(line: string): boolean {
  return /[( ]node:|<anonymous>\)?$/.test(line);
}

/**
 * Whether a frame is of one of our packages: of its build, or of its sources, which a source map leads to.
 * As they are installed, and as they stand side by side in the repository.
 */
function isOwn(line: string): boolean {
  const path = line.replaceAll('\\', '/');
  return /\/node_modules\/@outlive\/[^/]+\/(?:dist|src)\//.test(path) || isBeside(path);
}

const beside = neighbours();

function isBeside(path: string): boolean {
  if (beside === undefined) return false;
  const at = path.indexOf(beside);
  return at >= 0 && /^[^/]+\/(?:dist|src)\//.test(path.slice(at + beside.length));
}

/** The folder of our packages, with a slash at its end; a bundler may know of no folder, or of one of the user's. */
function neighbours(): string | undefined {
  if (typeof __dirname !== 'string') return undefined;
  const home = dirname(__dirname);
  return basename(home) === 'core' ? `${dirname(home).replaceAll('\\', '/')}/` : undefined;
}
