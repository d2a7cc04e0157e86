// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} file */
function sizeOf(file) {
  const content = readFileSync(file);
  // https://www.w3.org/TR/png-3/#11IHDR
  if (file.endsWith('.png')) return [content.readUInt32BE(16), content.readUInt32BE(20)];
  const [, width, height] = /<svg[^>]* width="(\d+)" height="(\d+)"/.exec(String(content)) ?? [];
  return [width, height];
}

/**
 * Tells the browser how large each picture is, so that the text below it does not move when it comes.
 * @param {import('vitepress').MarkdownRenderer} markdown
 */
export function pictureSizes(markdown) {
  markdown.core.ruler.push('picture-sizes', ({ tokens, env }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const src = token.type === 'image' ? token.attrGet('src') : null;
        if (src === null || (!src.startsWith('.') && !src.startsWith('images/'))) continue;
        const [width, height] = sizeOf(join(dirname(join(docs, env.relativePath)), src));
        if (width === undefined || height === undefined) continue;
        token.attrSet('width', String(width));
        token.attrSet('height', String(height));
      }
    }
  });
}
