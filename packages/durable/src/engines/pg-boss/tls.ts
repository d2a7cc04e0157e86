import { expected } from '@outlive/core/internal';

/** Those of pg (https://node-postgres.com/features/ssl); it would take another for `verify-full`. */
const modes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const flags = ['true', '1', 'false', '0'];
const names = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert'];

/**
 * What is said of TLS, by the option or by the URL.
 *
 * @returns the URL as pg takes it
 * @throws TypeError
 */
export function checkTls(ssl: unknown, url: string): string {
  const parameters = new URLSearchParams(url.split('#', 1)[0]?.split('?')[1]);
  [...parameters.keys()].forEach(checkName);
  checkParameter('sslmode', parameters.get('sslmode'), modes);
  checkParameter('ssl', parameters.get('ssl'), flags);
  checkOption(ssl, parameters);
  // Of the text `false` pg would make an error that nobody can catch.
  return url.replace(/(?<=[?&]ssl=)false(?=[&#]|$)/, '0');
}

/** Under a name that it does not know, pg would connect without TLS, and without a word. */
function checkName(name: string): void {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  const meant = plain === 'tls' ? 'ssl' : plain;
  if (meant === name || !names.includes(meant)) return;
  throw new TypeError(`A postgres: URL has no parameter \`${name}\`. Did you mean \`${meant}\`?`);
}

function checkParameter(name: string, value: string | null, allowed: readonly string[]): void {
  if (value === null || allowed.includes(value)) return;
  throw new TypeError(expected(`${name} of the URL`, allowed.join(', '), value));
}

function checkOption(ssl: unknown, parameters: URLSearchParams): void {
  if (ssl === undefined) return;
  const isOptions = typeof ssl === 'object' && ssl !== null && !Array.isArray(ssl);
  if (typeof ssl !== 'boolean' && !isOptions) {
    throw new TypeError(expected('ssl', 'true, false, or options of tls.connect()', ssl));
  }
  // The URL would win, without a word.
  if (names.some((name) => parameters.has(name))) {
    throw new TypeError('Give `ssl` or the ssl… parameters of the URL, not both');
  }
}
