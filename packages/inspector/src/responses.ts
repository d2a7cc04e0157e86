import type { Exchange } from './exchange.ts';

/** Nothing from elsewhere, nothing inline, in no frame: whatever a job is called, it stays text. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Set on all responses, in place of those that the app's own middleware has set. */
const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

export function secure({ response }: Exchange): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
}

/** Sends all of a response; to `HEAD` its headers alone. */
export function answer(
  { request, response }: Exchange,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(request.method === 'HEAD' ? undefined : body);
}

export function answerText(
  exchange: Exchange,
  status: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void {
  answer(exchange, status, 'text/plain; charset=utf-8', `${text}\n`, headers);
}

export function answerJson(exchange: Exchange, status: number, value: object): void {
  answer(exchange, status, 'application/json; charset=utf-8', JSON.stringify(value));
}
