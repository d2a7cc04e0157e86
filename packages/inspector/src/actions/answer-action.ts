import { isSameOrigin } from '../access/same-site.ts';
import { tokenHeader, type Tokens } from '../access/tokens.ts';
import type { Exchange } from '../exchange.ts';
import { fieldOf, printed, shownText } from '../live/shown-text.ts';
import { answerJson } from '../responses.ts';
import type { Source } from '../sources.ts';
import type { Action, ActionResult } from '../wire.ts';
import { parseAction } from './parse-action.ts';
import { jsonBody } from './request-body.ts';
import { runAction } from './run-action.ts';

/** Characters of an error that the page shows. */
const longestReason = 500;

/** Answers a call that is to change something. Resolves to what was done, if anything was. */
export async function answerAction(
  exchange: Exchange,
  sources: readonly Source[],
  tokens: Tokens,
): Promise<Action | undefined> {
  const { request } = exchange;
  const refuse = (status: number, reason: string): undefined => {
    answerJson(exchange, status, { done: false, reason } satisfies ActionResult);
  };
  if (!isSameOrigin(request)) return refuse(403, 'The call comes from another site');
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return refuse(415, 'The call is no JSON');
  }
  if (!tokens.isValid(request.headers[tokenHeader])) {
    return refuse(403, 'The page is of another process, or of before a restart: load it again');
  }
  let action: Action | undefined;
  try {
    action = parseAction(await jsonBody(exchange));
  } catch {
    return refuse(400, 'The call cannot be read');
  }
  if (action === undefined) return refuse(400, 'The call makes no sense');
  try {
    const result = await runAction(action, sources);
    answerJson(exchange, result.done ? 200 : 409, result);
    return result.done ? action : undefined;
  } catch (error) {
    const isBadInput = error instanceof RangeError || error instanceof TypeError;
    const message = fieldOf(error, 'message');
    const reason = typeof message === 'string' ? message : printed(error, longestReason);
    return refuse(isBadInput ? 400 : 502, shownText(reason, longestReason));
  }
}
