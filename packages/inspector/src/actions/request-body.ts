import type { Exchange } from '../exchange.ts';

/** Bytes of a call. */
const longest = 10_000;

/**
 * The body of a call, whether or not a parser of the app's has read it before.
 *
 * @throws for what is no JSON, or too long (rejects)
 */
export async function jsonBody({ request, parsedBody }: Exchange): Promise<unknown> {
  if (Buffer.isBuffer(parsedBody) || typeof parsedBody === 'string') {
    return JSON.parse(String(parsedBody));
  }
  // Parsers that have found nothing to do leave an empty object, and the body unread.
  if (request.readableEnded || request.complete === undefined) return parsedBody;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) throw new RangeError('The body is too long');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  return text === '' ? parsedBody : JSON.parse(text);
}
