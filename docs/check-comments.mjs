// @ts-check
// What can be decided of the documentation comments of the public API: node docs/check-comments.mjs (part of api:check).
// It stands here since the documentation has a compiler that can be asked; the newest one cannot.
//   A function or class has an example, once.
//   A number that is a time says its unit, and an option what it is when it is left out.
//   What returns a promise, or takes options, says what it throws or rejects with.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { publicPackages } from '../scripts/public-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const time = /timeout|delay|grace|window|interval|lifetime|age$|^per$|^wait$|^run$|At$|Time$/i;
const unit = /\bms\b|millisecond|epoch/i;
const whenLeftOut = /@defaultValue|default|without it|left out|if not given|none unless/i;

const hidden = new Set([ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword]);

/** @type {string[]} */
const problems = [];

/**
 * The declarations that a file exports, by name, through its re-exports.
 * @param {string} path
 * @returns {Map<string, import('typescript').Declaration[]>}
 */
function exportsOf(path) {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {Map<string, import('typescript').Declaration[]>} */
  const found = new Map();
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement)) {
      const specifier = statement.moduleSpecifier;
      if (specifier === undefined || !ts.isStringLiteral(specifier)) continue;
      if (!specifier.text.startsWith('.')) continue;
      const there = exportsOf(join(dirname(path), specifier.text));
      const clause = statement.exportClause;
      if (clause === undefined || !ts.isNamedExports(clause)) {
        for (const [name, declarations] of there) found.set(name, declarations);
        continue;
      }
      for (const { name, propertyName } of clause.elements) {
        found.set(name.text, there.get((propertyName ?? name).text) ?? []);
      }
      continue;
    }
    if (!ts.canHaveModifiers(statement)) continue;
    if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) {
      continue;
    }
    const declarations = ts.isVariableStatement(statement)
      ? [...statement.declarationList.declarations]
      : [/** @type {import('typescript').Declaration} */ (/** @type {unknown} */ (statement))];
    for (const declaration of declarations) {
      const name = ts.getNameOfDeclaration(declaration)?.getText() ?? '';
      found.set(name, [...(found.get(name) ?? []), declaration]);
    }
  }
  return found;
}

/**
 * The text of the documentation comment of a declaration, of a variable that of its statement.
 * @param {import('typescript').Node} node
 */
function commentOf(node) {
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return ts
    .getJSDocCommentsAndTags(owner)
    .filter((part) => ts.isJSDoc(part))
    .map((part) => part.getText())
    .join('\n');
}

/**
 * @param {import('typescript').Node} node
 * @param {string} what
 */
function report(node, what) {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  problems.push(`${relative(root, file.fileName)}:${line + 1}: ${what}`);
}

/**
 * @param {import('typescript').SignatureDeclaration} node
 * @param {string} name
 * @param {string} comment
 */
function checkThrows(node, name, comment) {
  const result = node.type?.getText() ?? '';
  const takesOptions = node.parameters.some(({ type }) => /Options\b/.test(type?.getText() ?? ''));
  if (!/^Promise\b/.test(result) && !takesOptions) return;
  // Or it is another one by another name, whose comment says it: "`close()`: …", "As `spawn()`".
  if (!/@throws|^\W*(?:As )?(?:`\w+\(\)`|`\w+\.\w+\(\)`)/.test(comment))
    report(node, `${name}: no @throws`);
}

/**
 * @param {import('typescript').TypeElement | import('typescript').ClassElement} member
 * @param {string} owner - its name
 * @param {string} ownerComment
 */
function checkMember(member, owner, ownerComment) {
  const name = `${owner}.${member.name?.getText() ?? ''}`;
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  if (modifiers?.some(({ kind }) => hidden.has(kind))) return;
  const comment = commentOf(member);
  if (member.name === undefined || ts.isPrivateIdentifier(member.name)) return;
  if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member)) {
    // What an interface says of all its members need not be said of each.
    checkThrows(member, name, ts.isMethodSignature(member) ? comment + ownerComment : comment);
    return;
  }
  if (!ts.isPropertySignature(member) && !ts.isPropertyDeclaration(member)) return;
  const type = member.type?.getText() ?? '';
  if (
    /\bnumber\b/.test(type) &&
    time.test(member.name.getText()) &&
    !unit.test(comment + ownerComment)
  ) {
    report(member, `${name}: does not say its unit`);
  }
  if (
    owner.endsWith('Options') &&
    member.questionToken !== undefined &&
    !whenLeftOut.test(comment)
  ) {
    report(member, `${name}: does not say its default`);
  }
}

/**
 * @param {string} name
 * @param {import('typescript').Declaration[]} declarations
 */
function checkDeclaration(name, declarations) {
  const [first] = declarations;
  if (first === undefined) return;
  const comment = declarations.map(commentOf).join('\n');
  const isError = name.endsWith('Error');
  const isValue =
    ts.isFunctionDeclaration(first) ||
    ts.isVariableDeclaration(first) ||
    (ts.isClassDeclaration(first) &&
      !first.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword));
  if (isValue && !isError && !comment.includes('@example')) report(first, `${name}: no @example`);
  for (const declaration of declarations) {
    if (ts.isFunctionDeclaration(declaration)) checkThrows(declaration, name, comment);
    if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) {
      for (const member of declaration.members) checkMember(member, name, commentOf(declaration));
    }
  }
}

for (const { folder, exports } of await publicPackages()) {
  for (const key of Object.keys(exports)) {
    const path = join(folder, 'src', key === '.' ? 'index.ts' : `${key.slice(2)}/index.ts`);
    // `internal` is for our own packages.
    if (key === './internal' || !existsSync(path)) continue;
    for (const [name, declarations] of exportsOf(path)) checkDeclaration(name, declarations);
  }
}
for (const problem of new Set(problems)) console.log(problem);
console.log(`comments: ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
