import { expected } from '@outlive/core/internal';

const schemes = {
  postgres: 'postgres',
  postgresql: 'postgresql',
  redis: 'redis',
  rediss: 'rediss',
  // A fork of Redis, with clients that know Redis alone.
  valkey: 'redis',
  valkeys: 'rediss',
} as const;

/**
 * What a variable that is not set, or that nobody has replaced, comes to, an IP address, and what no file system takes. A
 * directory that is called so can be given as `./null`.
 */
const noDirectory =
  /^$|^(undefined|null|NaN|true|false|~)$|^\[object |^[$%`<]|^\{\{|^~[/\\]|^\d+(\.\d+){3}$|\0/;

/** How other clients than ours are told of a database (https://www.postgresql.org/docs/current/libpq-connect.html). */
const settings = /(?:^|[\s;])(host|hostaddr|dbname|server|data source)\s*=/i;

type Scheme = (typeof schemes)[keyof typeof schemes];

/** What `store` may be, and the options of the backends behind it. */
export type StoreAddress =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'postgres' | 'redis'; readonly url: string };

/**
 * A directory or a URL, without the blanks around it. An unset variable of the environment, or the URL of a database that
 * is none of ours, must not become a directory, which would be gone with the container.
 *
 * @param allowed - for the message: what may stand here
 * @throws TypeError that names no password
 */
export function parseStoreAddress(name: string, value: unknown, allowed: string): StoreAddress {
  if (typeof value !== 'string') throw new TypeError(expected(name, allowed, value));
  const text = value.trim();
  const scheme = schemeOf(text);
  if (scheme === undefined) {
    if (noDirectory.test(text)) throw new TypeError(expected(name, allowed, value));
    const [before = ''] = /^[a-z]*(?=\/\/)/i.exec(text) ?? ['none'];
    if (before === '' || Object.hasOwn(schemes, before.toLowerCase())) {
      const lacking = before === '' ? 'its scheme' : 'the colon of its scheme';
      throw new TypeError(`Expected \`${name}\` to be ${allowed}, got a URL without ${lacking}`);
    }
    const [, setting] = settings.exec(text) ?? [];
    if (setting !== undefined) {
      throw new TypeError(`Expected \`${name}\` to be ${allowed}, got settings: ${setting}=…`);
    }
    return { kind: 'directory', directory: text };
  }
  const known = Object.hasOwn(schemes, scheme)
    ? schemes[scheme as keyof typeof schemes]
    : undefined;
  const rest = text.slice(text.indexOf(':'));
  if (known === undefined || !rest.startsWith('://')) {
    const got = rest.startsWith('://') ? `a URL that begins with ${scheme}://` : `${scheme}:…`;
    throw new TypeError(`Expected \`${name}\` to be ${allowed}, got ${got}`);
  }
  const url = known + rest;
  if (!isUrl(url)) {
    throw new TypeError(
      `\`${name}\` is no URL: look at its host and port, and encode characters such as / # ? @ in its user and password (encodeURIComponent)`,
    );
  }
  if (!isRedis(known)) return { kind: 'postgres', url };
  checkDatabase(name, url);
  return { kind: 'redis', url };
}

/** ioredis would end the process with an error that nobody can catch. */
function checkDatabase(name: string, url: string): void {
  const { pathname, searchParams } = new URL(url);
  const [path, option] = [pathname.slice(1), searchParams.get('db') ?? ''];
  for (const database of [path, option]) {
    if (/^\d*$/.test(database)) continue;
    throw new TypeError(
      `Expected the path of \`${name}\` to be the number of a database of Redis, as in redis://host/1, got '${database}'`,
    );
  }
  if (path !== '' && option !== '' && Number(path) !== Number(option)) {
    throw new TypeError(`\`${name}\` names two databases of Redis: ${path} and ${option}`);
  }
}

/**
 * The URL of the option of one backend.
 *
 * @throws TypeError that names no password
 */
export function checkUrl(name: string, value: unknown, kind: 'postgres' | 'redis'): string {
  const allowed = `a ${kind}: URL`;
  const address = parseStoreAddress(name, value, allowed);
  if (address.kind === kind) return address.url;
  const got = address.kind === 'directory' ? 'text without a scheme' : `a ${address.kind}: URL`;
  throw new TypeError(`Expected \`${name}\` to be ${allowed}, got ${got}`);
}

/** What to call a store in a message: without user, password and options. */
export function nameOfUrl(url: string): string {
  const scheme = schemeOf(url) ?? '';
  const rest = url.slice(scheme.length + '://'.length);
  const [place = ''] = rest.split('?', 1);
  // A question mark in a password that is not encoded.
  if (!place.includes('@') && rest.includes('@')) return `${scheme}://…`;
  return `${scheme}://${place.slice(place.lastIndexOf('@') + 1).split('#', 1)[0]}`;
}

/**
 * What stands before the first colon, unless that is behind a slash. So an address without a scheme is none of a directory
 * (`127.0.0.1:6379`), and nothing with `://` in it; but `C:\\jobs` is, and `./a:b`.
 */
function schemeOf(text: string): string | undefined {
  const scheme = /^(?![a-z]:)[^:/\\]*(?=:)/i.exec(text)?.[0] ?? /^.*?(?=:\/\/)/.exec(text)?.[0];
  return scheme?.toLowerCase();
}

function isRedis(scheme: Scheme): boolean {
  return scheme === 'redis' || scheme === 'rediss';
}

function isUrl(text: string): boolean {
  // As the client of PostgreSQL does for a socket: https://github.com/brianc/node-postgres/tree/master/packages/pg-connection-string
  const readable = [text, text.replace('@/', '@localhost/')].find((each) => URL.canParse(each));
  if (readable === undefined) return false;
  const { username, password, pathname, search } = new URL(readable);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  // The rest of a password that began with digits, a port: 1/2@host.
  return !pathname.includes('@') && !/^\?[^=]*@/.test(search);
}
