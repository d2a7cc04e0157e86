import type Koa from 'koa';

/** An app, and what it emits as `'error'`. */
export function watched(framework: typeof Koa): { app: Koa; seen: unknown[][] } {
  const seen: unknown[][] = [];
  const app = new framework();
  app.on('error', (...args: unknown[]) => {
    seen.push(args);
  });
  return { app, seen };
}
