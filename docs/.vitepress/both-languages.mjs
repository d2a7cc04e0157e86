// @ts-check
import { createRequire } from 'node:module';
import { format } from 'prettier';

// Not imported: VitePress bundles this file, and what is CommonJS in a bundle may load nothing.
const { javaScriptOf } = /** @type {typeof import('./java-script-of.cjs')} */ (
  createRequire(import.meta.url)('./java-script-of.cjs')
);

const fence = /^([ \t]*)```ts\b[^\n]*\n([^]*?)^[ \t]*```/gm;

/**
 * A code block that has types gets a second tab, with the JavaScript that is left without them. `test/docs.test.ts` runs
 * that very text.
 * @returns {NonNullable<NonNullable<import('vitepress').UserConfig['vite']>['plugins']>[number]}
 */
export function bothLanguages() {
  return {
    name: 'both-languages',
    enforce: 'pre',
    async transform(text, id) {
      if (!id.endsWith('.md') || id.includes('/reference/')) return undefined;
      /** @type {string[]} */
      const parts = [];
      let end = 0;
      for (const { 0: block, 1: indent = '', 2: code = '', index } of text.matchAll(fence)) {
        const javaScript = indent === '' ? javaScriptOf(code) : undefined;
        if (javaScript === undefined) continue;
        const formatted = await format(javaScript, {
          parser: 'babel',
          singleQuote: true,
          printWidth: 100,
        });
        parts.push(text.slice(end, index), '::: code-group\n\n');
        parts.push('```ts [TypeScript]\n', code, '```\n\n', '```js [JavaScript]\n', formatted);
        parts.push('```\n\n:::');
        end = index + block.length;
      }
      return parts.join('') + text.slice(end);
    },
  };
}
