#!/usr/bin/env node
import { run } from './run.ts';

// Whoever reads, such as `head`, may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

void run(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code;
});
