import { type Exception, type Span, SpanStatusCode } from '@opentelemetry/api';

/** Notes on a span what its work has failed with: whatever was thrown. */
export function failed(span: Span, error: unknown): void {
  const message = messageOf(error);
  span.setAttribute('error.type', typeOf(error));
  span.recordException(exceptionOf(error, message));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** The kind of an error, of few different values: https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/ */
function typeOf(error: unknown): string {
  const name = fieldOf(error, 'name');
  return typeof name === 'string' && name !== '' ? name : '_OTHER';
}

function exceptionOf(error: unknown, message: string): Exception {
  return error instanceof Error || typeof error === 'string' ? error : { message };
}

function messageOf(error: unknown): string {
  const message = fieldOf(error, 'message');
  if (typeof message === 'string') return message;
  try {
    return String(error);
  } catch {
    return 'an error that has no text';
  }
}

/** `undefined` where even asking throws. */
function fieldOf(error: unknown, field: 'name' | 'message'): unknown {
  try {
    return (error as Record<string, unknown> | null | undefined)?.[field];
  } catch {
    return undefined;
  }
}
