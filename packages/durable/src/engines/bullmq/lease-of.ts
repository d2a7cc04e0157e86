import type { Lease } from '../../backend.ts';
import { type Headers, parseHeaders } from '../../headers.ts';
import { attemptOf, mostAttempts } from './attempts.ts';
import type { Claim } from './claim.ts';
import type { BullmqJob } from './types.ts';

export function leaseOf(name: string, claim: Claim, leaseTime: number | undefined): Lease {
  const { job } = claim;
  return {
    id: job.id ?? '',
    name,
    payload: job.data,
    headers: headersOf(job),
    attempt: attemptOf(job),
    attempts: mostAttempts(job),
    leaseTime,
    ref: claim,
  };
}

function headersOf({ opts }: BullmqJob): Headers | undefined {
  const { metadata } = opts.telemetry ?? {};
  try {
    return metadata === undefined ? undefined : parseHeaders(JSON.parse(metadata));
  } catch {
    return undefined; // Not ours: BullMQ's own telemetry, in another program.
  }
}
