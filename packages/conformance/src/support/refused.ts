import { atomic, type SetUp } from '../driver.ts';

/** A route whose calls are counted. */
export function counted(options?: Parameters<typeof atomic>[1]): {
  calls: () => number;
  routes: NonNullable<SetUp['routes']>;
} {
  let calls = 0;
  const route = atomic(async (exchange) => {
    calls += 1;
    return exchange.answer('ok');
  }, options);
  return { calls: () => calls, routes: { '/': route } };
}

/** What a refused request is answered. */
export const unavailable = {
  status: 503,
  headers: expect.objectContaining({ 'retry-after': '1' }) as object,
};
