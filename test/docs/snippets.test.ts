import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import * as ts from 'typescript';
import { root } from '../support/run-script';

const run = promisify(execFile);
const folder = mkdtempSync(join(root, 'tmp-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly file: string;
  readonly source: string;
  /** Others import it, or it is for a test runner: it is not a program. */
  readonly kind: 'program' | 'module' | 'test';
}

/** Every block of code of a page; the line before it may name its file. */
function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), 'utf8');
  const place = join(folder, page.replace(/\W+/g, '-'));
  mkdirSync(place);
  return [...text.matchAll(/(?:^`([\w./-]+)`:\n+)?^```(ts|js)\n([^]*?)^```$/gm)].map((match, index) => {
    const [all, name, language, source] = match;
    const line = text.slice(0, match.index + all.indexOf('```')).split('\n').length;
    const isTest = /^\s*it\(/m.test(source);
    const file = join(place, name ?? `snippet-${index}${isTest ? '.test' : ''}.${language}`);
    writeFileSync(file, source);
    return {
      page,
      line,
      file,
      source,
      kind: isTest ? 'test' : name && name !== 'main.ts' ? 'module' : 'program',
    };
  });
}

const pages = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((page) => page.endsWith('.md'));
const snippets = pages.flatMap(snippetsOf);
const titled = (kind: Snippet['kind']): [string, Snippet][] =>
  snippets.filter((one) => one.kind === kind).map((one) => [`${one.page}, line ${one.line}`, one]);

it('the documentation has snippets, and all of them compile in strict mode', () => {
  expect(snippets.length).toBeGreaterThan(15);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.check.json'), ts.sys.readFile) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(
    snippets.filter(({ file }) => file.endsWith('.ts')).map(({ file }) => file),
    { ...options, noEmit: false, rootDir: folder, outDir: folder, noUnusedLocals: false },
  );
  const errors = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const where = relative(folder, file?.fileName ?? '');
    return `${where}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(errors).toEqual([]);
  program.emit();
});

it.each(titled('program'))('%s runs, and prints what its comments say', async (_, { file, source }) => {
  const { stdout, stderr } = await run(process.execPath, [file.replace(/ts$/, 'js')], { timeout: 30_000 });
  expect(stderr).toBe('');
  for (const [, expected] of source.matchAll(/console\.log\)?[^\n]*;\s*\/\/ ([\w.]+)$/gm)) {
    expect(stdout).toContain(expected);
  }
});

it('what the pages of the package link to is in the package', async () => {
  const npm = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const { stdout } = await run('npm', npm, { cwd: root });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const packed = new Set(files.map(({ path }) => path));
  const missing = [...packed].flatMap((page) => {
    if (!page.endsWith('.md')) return [];
    const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g);
    const targets = Array.from(links, ([, target]) => join(dirname(page), target));
    return targets.filter((target) => !packed.has(target)).map((target) => `${page}: ${target}`);
  });
  expect(packed).toContain('README.md');
  expect(missing).toEqual([]);
});

it('the quick start compiles with its own tsconfig.json, and its last command runs it', async () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const quickStart = text.slice(text.indexOf('## Quick start'), text.indexOf('That is all'));
  const cwd = join(folder, 'quick-start');
  mkdirSync(cwd);
  for (const [, name, source] of quickStart.matchAll(/^`([\w.-]+)`:\n+```\w+\n([^]*?)^```$/gm))
    writeFileSync(join(cwd, name), source);
  await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit'], { cwd });
  const command = quickStart
    .match(/^node .*$/m)?.[0]
    .split(' ')
    .slice(1);
  const { stdout, stderr } = await run(process.execPath, command, { cwd });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\d+ characters$[^]*^tick$[^]*^0 left$/m);
});

it('the test snippets pass', async () => {
  const config = {
    rootDir: folder,
    testEnvironment: 'node',
    testMatch: ['**/*.test.ts'],
    transform: { '\\.ts$': ['ts-jest', { tsconfig: join(root, 'tsconfig.check.json'), diagnostics: false }] },
  };
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(config));
  // As in a project of its own: what loads TypeScript in workers reads it too.
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../tsconfig.check.json' }));
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { stderr } = await run(
    process.execPath,
    [jest, '--config', join(folder, 'jest.config.json'), '--ci'],
    {
      cwd: folder,
    },
  );
  const tests = snippets.filter(({ kind }) => kind === 'test');
  expect(tests.length).toBeGreaterThan(0);
  expect(stderr).toMatch(new RegExp(`Test Suites: +${tests.length} passed, ${tests.length} total`));
});
