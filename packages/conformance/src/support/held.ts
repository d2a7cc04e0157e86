import { deferred, type Deferred } from '@outlive/test-support/deferred';
import { type Exchange, type Handler, plain, type Route } from '../driver.ts';

/** A handler that tells when it has been called, and answers when it is let go. */
export interface Held {
  readonly route: Route;
  readonly handler: Handler;
  readonly entered: Promise<Exchange>;
  readonly release: Deferred<void>['resolve'];
}

export function held(answer = 'late'): Held {
  const entered = deferred<Exchange>();
  const gate = deferred();
  const handler: Handler = async (exchange) => {
    entered.resolve(exchange);
    await gate.promise;
    return exchange.answer(answer);
  };
  return { route: plain(handler), handler, entered: entered.promise, release: gate.resolve };
}
