// @ts-check
/**
 * A module is called what it is imported by, not where its source is.
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  app.converter.on('createDeclaration', (_context, reflection) => {
    reflection.name = reflection.name.replace(/^([a-z]+)\/src$/, '@outlive/$1');
  });
}
