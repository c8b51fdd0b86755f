import { resolve } from 'node:path';
import * as ts from 'typescript';
import { root } from './run-script';

/** What was parsed once, by its options and path: most of it is what all programs have, the types of Node.js among them. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** What the compiler says of a source that imports the package. */
export function diagnose(source: string, overrides: ts.CompilerOptions = {}): string[] {
  const file = resolve(root, 'test', 'virtual.ts');
  const config = ts.readConfigFile(resolve(root, 'tsconfig.check.json'), ts.sys.readFile);
  const { options: common } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const options = { ...common, ...overrides, noEmit: true };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => path === file || fileExists.call(host, path);
  host.readFile = (path) => (path === file ? source : readFile.call(host, path));
  host.getSourceFile = (path, how, ...rest) => {
    if (path === file) return ts.createSourceFile(path, source, ts.ScriptTarget.ES2022);
    const key = JSON.stringify([overrides, how, path]);
    if (!parsed.has(key)) parsed.set(key, getSourceFile.call(host, path, how, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
