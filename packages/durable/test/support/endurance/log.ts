import { appendFileSync, closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { Version } from './versions.ts';

/** What a process does, as one line of JSON: none is lost when it is killed. */
export interface Entry {
  /**
   * start, end, fail and abort are those of a run; settled: the store knows of its end; stored: a task was stored, by its
   * number; report: what the exception handler was called with.
   */
  readonly what: 'start' | 'end' | 'fail' | 'abort' | 'settled' | 'stored' | 'report';
  /** The job: `task 7`, or `kept 1700000000000` for a tick by the time when it was due. */
  readonly job: string;
  /** Of the stored job, in a `start`. */
  readonly id?: string;
  readonly attempt: number;
  readonly pid: number;
  readonly version: Version;
  /** Epoch ms. */
  readonly at: number;
  readonly text?: string;
}

export function write(file: string, entry: Entry): void {
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/** A log that other processes write, read as it grows. */
export class Log {
  readonly file: string;
  readonly entries: Entry[] = [];
  #offset = 0;
  #rest = '';

  constructor(file: string) {
    this.file = file;
  }

  /** Reads on. */
  read(): readonly Entry[] {
    if (!existsSync(this.file)) return this.entries;
    const handle = openSync(this.file, 'r');
    try {
      const buffer = Buffer.alloc(1 << 20);
      for (;;) {
        const length = readSync(handle, buffer, 0, buffer.length, this.#offset);
        if (length === 0) return this.entries;
        this.#offset += length;
        const lines = (this.#rest + buffer.toString('utf8', 0, length)).split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) this.entries.push(JSON.parse(line) as Entry);
      }
    } finally {
      closeSync(handle);
    }
  }

  /** The jobs of which there is such an entry. */
  jobs(what: Entry['what']): Set<string> {
    return new Set(this.read().flatMap((entry) => (entry.what === what ? [entry.job] : [])));
  }
}
