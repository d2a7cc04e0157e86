import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The header that a state-changing call brings its token in: no form can send one, and no other site without asking. */
export const tokenHeader = 'x-outlive-token';

/** Proofs that a call comes from a page of this process. Another one for each load of the page. */
export class Tokens {
  readonly #key = randomBytes(32);

  issue(): string {
    const nonce = randomBytes(16).toString('base64url');
    return `${nonce}.${this.#signed(nonce)}`;
  }

  isValid(token: unknown): boolean {
    if (typeof token !== 'string') return false;
    const [nonce = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#signed(nonce));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #signed(nonce: string): string {
    return createHmac('sha256', this.#key).update(nonce).digest('base64url');
  }
}
