// @ts-check
// npm runs it in the folder of a package before it packs it. The record of changes is one for all packages, so that each
// takes a copy along, whose links lead to where the files are.
import { readFile, writeFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);
const { repository } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
const files = `${repository.url.replace(/^git\+(.*)\.git$/, '$1')}/blob/main/`;
const text = await readFile(new URL('CHANGELOG.md', root), 'utf8');
await writeFile('CHANGELOG.md', text.replaceAll(/\]\((?!https?:|#)/g, `](${files}`));
