import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of the page, as `npm run build` has made it. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Of its contents: changes with them. */
  readonly version: string;
}

export type AssetName = 'app.js' | 'app.css' | 'icon.svg';

const types: Readonly<Record<AssetName, string>> = {
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

const read = new Map<AssetName, Asset>();

/** @throws Error where the files of the package are not beside its code */
export function assetOf(name: AssetName): Asset {
  const known = read.get(name);
  if (known !== undefined) return known;
  const body = readFile(name);
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  const asset = { type: types[name], body, version };
  read.set(name, asset);
  return asset;
}

function readFile(name: AssetName): Buffer {
  try {
    return readFileSync(join(__dirname, '../page/dist', name));
  } catch (cause) {
    const message =
      `The page of @outlive/inspector has no ${name}: its files lie beside its code. ` +
      'If the server is bundled, leave this package out (`external`); in its repository, run `npm run build`';
    throw new Error(message, { cause });
  }
}
