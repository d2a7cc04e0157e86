// What a definition infers, whichever of its parts say something of the payload.
import { type DefinedJob, defineJob, type ExhaustedJob } from '@outlive/durable';

interface Report {
  kind: string;
}

const handler = async (_: Report): Promise<void> => {};

export const report: DefinedJob<Report> = defineJob('report', handler, {
  schedule: ['@hourly', { cron: '@daily', payload: { kind: 'daily' } }],
  onExhausted: ({ payload }) => payload.kind.length,
});

export const any: DefinedJob<unknown> = defineJob('any', () => {}, {
  schedule: { cron: '@daily', payload: 7 },
});

// @ts-expect-error -- a number is no string
defineJob('report', handler, { schedule: { cron: '@daily', payload: { kind: 7 } } });

// @ts-expect-error -- its payload is another one
defineJob('report', handler, { onExhausted: (_: ExhaustedJob<{ id: number }>) => {} });
