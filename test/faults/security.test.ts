import 'reflect-metadata';
import { inspect } from 'node:util';
import { kinds, makeProcesses } from '../support/executors';
import { endExecutors, Log, use } from './support';
import { Faulty } from './services';
import { callFrame, Kind, toBytes, WireWorker, type Forged } from './wire';
import { Target } from './wire-services';

const module_ = require.resolve('./wire-services');
const target = (method: string, more: Partial<Forged> = {}): Forged => ({
  module: module_,
  className: 'Target',
  ordinal: 0,
  sources: [1],
  kind: 'static',
  method,
  ...more,
});

afterEach(endExecutors);
afterAll(() => Log.removeAll());

describe('a forged call', () => {
  let worker: WireWorker;
  beforeAll(() => {
    worker = new WireWorker();
  });
  afterAll(() => worker.close());
  let id = 0;

  it('reaches what a decorator registered', async () => {
    worker.send(callFrame(++id, target('allowed')));
    await expect(worker.outcome(id)).resolves.toMatchObject({ status: 0 });
  });

  const log = new Log();
  it.each<[string, Forged]>([
    ['a method that nobody decorated', target('forbidden')],
    ['a function that nobody wrapped', target('undecorated', { kind: 'function', className: '' })],
    ['__proto__', target('__proto__')],
    ['constructor', target('constructor')],
    ['a method of Function.prototype', target('call')],
    ['a method of the prototype as a static one', target('instance')],
    ['a class that is not there', target('allowed', { className: 'Object' })],
    ['a class by the name of __proto__', target('allowed', { className: '__proto__' })],
    ['a built-in module', target('execSync', { module: 'node:child_process' })],
    ['a package', target('allowed', { module: 'tsyringe' })],
    [
      'a module of its own making',
      target('allowed', {
        module: `data:text/javascript,import fs from 'fs'; fs.writeFileSync('${log.path}', 'code ran')`,
      }),
    ],
    ['a relative path', target('allowed', { module: '../../test/faults/wire-services.ts' })],
    ['nothing at all', undefined as never],
  ])('cannot name %s', async (_, callable) => {
    worker.send(callFrame(++id, callable, [log.path]));
    const outcome = await worker.outcome(id);
    expect(outcome?.status).not.toBe(0);
    if (callable) expect(String(outcome?.value)).toContain('ERR_OFFLOOP_CALLABLE_NOT_FOUND');
    expect(log.lines()).toEqual([]);
    expect(worker.hasExited).toBe(false);
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['a patch to __proto__', ['x'], [[[0, '__proto__', 'polluted'], 'url']], undefined],
    [
      'a patch to a constructor’s prototype',
      [{}],
      [[[0, 'constructor', 'prototype', 'polluted'], 'null-prototype']],
      undefined,
    ],
    [
      'an error with a field __proto__',
      [error('{"__proto__": {"polluted": 1}}')],
      [[[0], 'error']],
      undefined,
    ],
    [
      'a receiver with a field __proto__',
      [],
      undefined,
      ['copy', undefined, JSON.parse('{"__proto__": {"polluted": 1}}'), undefined],
    ],
    [
      'a patch for others beside all of the arguments',
      [{}],
      [[[], 'null-prototype', undefined, [0]]],
      undefined,
    ],
    ['a patch for no end of others', [{}], [[[0], 'null-prototype', undefined, { length: 1e9 }]], undefined],
    ['an instance of a class that is not portable', [{}], [[[0], 'portable', target('')]], undefined],
  ])('cannot pollute prototypes by %s', async (_, args, patches, receiver) => {
    worker.send(callFrame(++id, target('allowed'), args, patches, receiver));
    await worker.outcome(id);
    worker.send(callFrame(++id, target('pollution')));
    const outcome = await worker.outcome(id);
    expect(String(outcome?.value)).toContain('[null,[]]');
  });
});

function error(fields: string): unknown {
  return { base: 'Error', name: 'Error', message: 'x', stack: 'x', fields: JSON.parse(fields) as unknown };
}

describe('a forged answer', () => {
  it.each<[string, unknown]>([
    ['a patch to __proto__', [Kind.outcome, 2, 0, {}, [[['__proto__', 'polluted'], 'url']]]],
    [
      'an error with a field __proto__',
      [Kind.outcome, 2, 1, error('{"__proto__": {"polluted": 1}}'), [[[], 'error']]],
    ],
    [
      'an error of a made-up class',
      [Kind.outcome, 2, 1, { base: '__proto__', message: 'x' }, [[[], 'error']]],
    ],
    ['a portable instance of any class', [Kind.outcome, 2, 0, {}, [[[], 'portable', target('')]]]],
  ])('with %s changes nothing but the outcome of its own call', async (_, frame) => {
    use(makeProcesses({ maxWorkers: 1 }));
    await Target.allowed();
    await Target.forge(toBytes(frame)).catch(() => undefined);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
    await expect(Target.allowed(1)).resolves.toBe('allowed number');
  });
});

describe.each(kinds)('in %s', (_, make) => {
  it('no error holds a secret of the environment', async () => {
    const env = { ...process.env, API_TOKEN: 'hunter2-is-secret' };
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    use(make({ maxWorkers: 1, env }));
    await Faulty.crash('process.exit').catch(note);
    await Faulty.spinUntilTimeout().catch(note);
    await Faulty.echo(Symbol('x')).catch(note);
    use(make({ maxWorkers: 1, env, setup: '/missing/setup.js' }));
    await Faulty.echo(1).catch(note);
    use(make({ maxWorkers: 1, env, execArgv: ['--no-such-option'] }));
    await Faulty.echo(1).catch(note);
    expect(errors).toHaveLength(5);
    expect(inspect(errors, { depth: 20, showHidden: true })).not.toContain('hunter2');
  });
});
