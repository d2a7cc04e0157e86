// @ts-check
// CommonJS, so that Jest and VitePress can both load it.
const { transform } = require('sucrase');

/**
 * What is left of a TypeScript code block without its types; `undefined` if there are none, or if it needs a compiler.
 * @param {string} code
 * @returns {string | undefined}
 */
function javaScriptOf(code) {
  // Decorators are not in JavaScript yet.
  if (/^\s*@\w+/m.test(code)) return undefined;
  const { code: stripped } = transform(code, {
    transforms: ['typescript'],
    disableESTransforms: true,
    preserveDynamicImport: true,
  });
  return stripped.replaceAll(/\s/g, '') === code.replaceAll(/\s/g, '') ? undefined : stripped;
}

module.exports = { javaScriptOf };
