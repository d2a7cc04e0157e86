// Compiles one folder with one TypeScript, by every way of finding modules, and prints the errors of ours: of
// the folder's own files and of our declaration files. With one process for each TypeScript, the files that
// its programs have in common are parsed once; those of other packages are not checked.
//
// node type-program.cjs <folder of a TypeScript> <folder> <JSON: [title, compilerOptions, files][]>
const { join } = require('node:path');

const [compiler = '', folder = '', runs = '[]'] = process.argv.slice(2);
const ts = require(compiler);
const parsed = new Map();

function hostOf(options) {
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile } = host;
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const key = `${file} ${JSON.stringify(languageVersion)}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile.call(host, file, languageVersion, ...rest));
    return parsed.get(key);
  };
  host.getCurrentDirectory = () => folder;
  return host;
}

for (const [title, given, files] of JSON.parse(runs)) {
  const { options, errors } = ts.convertCompilerOptionsFromJson(given, folder);
  const names = files.map((name) => join(folder, name));
  const program = ts.createProgram(names, options, hostOf(options));
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => !/node_modules\/(?!@outlive\/)/.test(fileName));
  const found = [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  const text = ts.formatDiagnostics(found, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  });
  console.log(JSON.stringify([title, text]));
}
