import type { Action } from '../wire.ts';

/** What a call asks for; `undefined` if it makes no sense. */
export function parseAction(body: unknown): Action | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { action, source, id, name, limit } = body as Record<string, unknown>;
  if (typeof source !== 'number' || !Number.isInteger(source)) return undefined;
  switch (action) {
    case 'pause':
    case 'resume':
      return { action, source };
    case 'limit':
      return typeof limit === 'number' || limit === 'Infinity'
        ? { action, source, limit }
        : undefined;
    case 'cancel':
      return typeof id === 'number' ? { action, source, id } : undefined;
    case 'retry-stored':
    case 'discard-stored':
    case 'cancel-stored':
      return typeof id === 'string' ? { action, source, id } : undefined;
    case 'pause-stored':
    case 'resume-stored':
      return typeof name === 'string' ? { action, source, name } : undefined;
    default:
      return undefined;
  }
}
