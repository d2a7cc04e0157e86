// @ts-check
import { Converter } from 'typedoc';

/**
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  // A module is called what it is imported by, not where its source is.
  app.converter.on('createDeclaration', (_context, reflection) => {
    reflection.name = reflection.name.replace(/^([a-z]+)\/src$/, '@outlive/$1');
  });
  // An example of one line, between backticks, is a block of code like the others.
  app.converter.on(Converter.EVENT_RESOLVE, (_context, { comment }) => {
    for (const { tag, content } of comment?.blockTags ?? []) {
      for (const part of content) {
        if (tag !== '@example' || part.kind !== 'code') continue;
        part.text = part.text.replace(/^(?:```ts\s)?\s*`([^`]+)`\s*(?:```)?$/, '```ts\n$1\n```');
      }
    }
  });
}
