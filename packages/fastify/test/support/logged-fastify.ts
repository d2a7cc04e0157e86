import type { fastify, FastifyInstance } from 'fastify';

interface Log {
  readonly level: number;
  readonly msg: string;
  readonly err?: { readonly message: string };
}

/** An app, and what it logs. */
export function logged(framework: typeof fastify): { app: FastifyInstance; logs: Log[] } {
  const logs: Log[] = [];
  const stream = {
    write: (line: string) => {
      logs.push(JSON.parse(line) as Log);
    },
  };
  return { app: framework({ logger: { level: 'warn', stream } }), logs };
}
