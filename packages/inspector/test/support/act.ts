import { type Answer, fetchFrom } from '@outlive/test-support/client';
import type { Action } from '../../src/wire.ts';
import type { Mounted } from './frameworks.ts';
import { Stream } from './stream.ts';

/** What a page does when a button is pressed. */
export function act(
  mounted: Mounted,
  action: Action | object,
  headers: Record<string, string>,
): Promise<Answer> {
  return fetchFrom(mounted, '/_jobs/actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(action),
  });
}

export async function tokenOf(mounted: Mounted): Promise<string> {
  using stream = await Stream.open(mounted);
  return stream.hello?.token ?? '';
}
