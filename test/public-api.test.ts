import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as offloop from 'offloop';
import * as ts from 'typescript';
import { diagnose } from './support/diagnose';

it('exports the public names and no others', () => {
  expect(Object.keys(offloop).sort()).toEqual(
    [
      'Call',
      'CallTimeoutError',
      'CallableNotFoundError',
      'Cooperative',
      'Executor',
      'ExecutorNotFoundError',
      'ExecutorShutdownError',
      'InlineExecutor',
      'InvalidExecutorError',
      'InvalidOptionError',
      'NotCloneableError',
      'Portable',
      'ProcessExecutor',
      'QueueFullError',
      'Scheduler',
      'cooperative',
      'due',
      'pause',
      'RunInExecutor',
      'ThreadExecutor',
      'Transient',
      'WorkerImportError',
      'WorkerLostError',
      'WorkerStartError',
      'configureExecutors',
      'executorToken',
      'isWorker',
      'registerExecutor',
      'runInExecutor',
      'shutdownExecutors',
      'transfer',
      'verifyExecutors',
      'withContainer',
    ].sort(),
  );
  expect(offloop.isWorker).toBe(false);
});

it('gives every error class its code', () => {
  for (const [name, value] of Object.entries(offloop)) {
    if (!name.endsWith('Error')) continue;
    const error = new (value as new (message: string, details: object) => Error & { code: string })('m', {});
    const inCapitals = name
      .replace(/Error$/, '')
      .replace(/(?<=.)([A-Z])/g, '_$1')
      .toUpperCase();
    expect([error.name, error.code]).toEqual([name, `ERR_OFFLOOP_${inCapitals}`]);
  }
});

describe('the types', () => {
  it('accept methods that return a promise, and know what wrapped functions return', () => {
    expect(
      diagnose(`
        import { RunInExecutor, runInExecutor } from 'offloop';
        class Service {
          @RunInExecutor('thread') async a(x: number): Promise<number> { return x; }
          @RunInExecutor(Symbol('token'), { timeoutMs: 1 }) static b(): Promise<void> { return Promise.resolve(); }
        }
        const f = runInExecutor('process', (x: number, y?: string) => [x, y] as const);
        const result: Promise<readonly [number, string | undefined]> = f(1);
        export const values = [Service, result];
      `),
    ).toEqual([]);
  });

  it('accept a cooperative generator with its overload', () => {
    expect(
      diagnose(`
        import { Cooperative, type Steps } from 'offloop';
        export class S { a(): Promise<number>; @Cooperative(1) *a(): Steps<number> { yield; return 1; } }
        export const result: Promise<number> = new S().a();
      `),
    ).toEqual([]);
  });

  it('name no generic array of bytes, which TypeScript does not know before 5.7', () => {
    const files = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.d.ts'),
    );
    expect(files).toContain('index.d.ts');
    expect(
      files.filter((file) => /(Buffer|\dArray|View)</.test(readFileSync(`dist/${file}`, 'utf8'))),
    ).toEqual([]);
  });

  it.each([
    ['Node.js', ['lib.es2023.d.ts']],
    ['a browser beside those of Node.js', ['lib.es2023.d.ts', 'lib.dom.d.ts']],
  ])('know what can be moved, by the types of %s', (_, lib) => {
    expect(
      diagnose(
        `
        import { transfer } from 'offloop';
        import { MessageChannel as Channel } from 'node:worker_threads';
        import { TransformStream as Transform } from 'node:stream/web';
        const [view, bytes] = [new Uint8Array(8), Buffer.alloc(8)];
        transfer({}, [new ArrayBuffer(8), view.buffer, bytes.buffer]);
        transfer({}, [new Channel().port1, new Transform(), new Transform().readable, new Transform().writable]);
        transfer({}, [new MessageChannel().port1, new TransformStream()]);
        transfer({}, [new ReadableStream(), new WritableStream()]);
        // @ts-expect-error
        transfer({}, ['nonsense']);
        // @ts-expect-error
        transfer({}, [3]);
        // @ts-expect-error
        transfer({}, [{}]);
        // @ts-expect-error
        transfer({}, [view]);
        `,
        { lib },
      ),
    ).toEqual([]);
  });

  it('refuse a cooperative generator without its overload', () => {
    expect(
      diagnose(`
        import { Cooperative, type Steps } from 'offloop';
        export class S { @Cooperative(1) *a(): Steps<number> { yield; return 1; } }
      `),
    ).not.toEqual([]);
  });

  it.each([
    ['a synchronous method', `class S { @RunInExecutor() a(): number { return 1; } } export default S;`],
    [
      'an unknown option',
      `class S { @RunInExecutor('thread', { timeout: 1 }) async a() {} } export default S;`,
    ],
    ['a number for an executor', `class S { @RunInExecutor(1) async a() {} } export default S;`],
    ['a wrong argument', `export default runInExecutor('thread', (x: number) => x)('1');`],
    [
      'a promise taken for its value',
      `export const x: number = runInExecutor('thread', (x: number) => x)(1);`,
    ],
  ])('refuse %s', (_, source) => {
    expect(
      diagnose(
        `import { RunInExecutor, runInExecutor } from 'offloop'; void RunInExecutor; void runInExecutor; ${source}`,
      ),
    ).not.toEqual([]);
  });
});

describe('the docstrings', () => {
  const program = ts.createProgram(
    ['index', 'sync', 'testing/index'].map((entry) => resolve('dist', `${entry}.d.ts`)),
    { module: ts.ModuleKind.Node16, types: ['node'] },
  );
  const checker = program.getTypeChecker();

  /** What users see: each public name, and the members of classes and options that are theirs to use. */
  const documented = program.getRootFileNames().flatMap((entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol;
    return checker.getExportsOfModule(module).flatMap((name) => {
      const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      const members = [...(symbol.members?.values() ?? [])].filter(isPublicMember);
      return [symbol, ...members].map((each) => ({
        name: each === symbol ? name.name : `${name.name}.${each.name}`,
        says: ts.displayPartsToString(each.getDocumentationComment(checker)),
        tags: each.getJsDocTags(checker).map((tag) => tag.name),
      }));
    });
  });

  function isPublicMember(member: ts.Symbol): boolean {
    const [declaration] = member.declarations ?? [];
    const isOfUsers = ts.isPropertySignature(declaration) || ts.isClassElement(declaration);
    return (
      isOfUsers &&
      !ts.isConstructorDeclaration(declaration) &&
      !(declaration.name && ts.isPrivateIdentifier(declaration.name)) &&
      !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) &&
      !member.getJsDocTags(checker).some(({ name }) => name === 'internal')
    );
  }

  it('say of each public name and member what it does', () => {
    expect(documented.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['RunInExecutor', 'Executor.shutdown', 'Queue.closed', 'InlineExecutors.fake']),
    );
    // A call as plain data, and the names that users add: what they are is said of the whole.
    const ofTheWhole = /^(Envelope|ExecutorNames|SharedState)\./;
    const silent = documented.filter(({ name, says }) => says === '' && !ofTheWhole.test(name));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('say of each option what it is by default', () => {
    const options = documented.filter(({ name }) => /(Options|Settings)\./.test(name));
    expect(options.length).toBeGreaterThan(30);
    expect(options.filter(({ says }) => !says.includes('Default: ')).map(({ name }) => name)).toEqual([]);
  });

  it('have no tags but those that editors know', () => {
    const known = ['example', 'link', 'param', 'returns', 'throws'];
    const others = documented.filter(({ tags }) => tags.some((tag) => !known.includes(tag)));
    expect(others.map(({ name, tags }) => [name, tags])).toEqual([]);
  });
});
