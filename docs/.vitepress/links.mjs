// @ts-check
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = join(root, 'docs');

/**
 * The pages are read in the repository as well, where `../examples/express` is a folder. On the site such a link leads to
 * the repository; one that leads nowhere fails the build.
 * @param {import('vitepress').MarkdownRenderer} markdown
 * @param {string} repository
 */
export function outOfTheSite(markdown, repository) {
  markdown.core.ruler.push('out-of-the-site', ({ tokens, env }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (href === null || !href.startsWith('.')) continue;
        const [path = '', hash] = href.split('#');
        const target = join(dirname(join(docs, env.relativePath)), decodeURI(path));
        if (!relative(docs, target).startsWith('..')) continue;
        if (!existsSync(target)) throw new Error(`${env.relativePath}: there is no ${href}`);
        const place = `${repository}/blob/main/${relative(root, target)}`;
        token.attrSet('href', hash === undefined ? place : `${place}#${hash}`);
      }
    }
  });
}
