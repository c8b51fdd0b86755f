import 'reflect-metadata';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { container } from 'tsyringe';
import {
  CallTimeoutError,
  InvalidOptionError,
  NotCloneableError,
  runInExecutor,
  transfer,
  WorkerLostError,
  WorkerStartError,
} from 'offloop';
import { asyncToSync, Lock } from 'offloop/sync';
import { runScript } from '../support/run-script';
import { sharedWords } from './services';
import { useThreads } from './support';
import { add, Asynchronous, double, Injected, Nested, Point, TeapotError } from './sync-services';

useThreads(2);

const service = new Asynchronous();
const view = asyncToSync(service);

describe('a synchronous view', () => {
  it('returns what the promise would bring', () => {
    expect(view.echo(7)).toBe(7);
    expect(view.echo('text')).toBe('text');
    expect(view.echo(undefined)).toBe(undefined);
    const value = { map: new Map([[1, new Set(['x'])]]), at: new Date(3), bytes: new Uint8Array(100_000) };
    // The parameter of a generic method is not inferred through the view.
    const back = view.echo(value) as typeof value;
    expect(back).toStrictEqual(value);
    expect(back.map).toBeInstanceOf(Map);
    expect(view.echo(new Point(1, 2))).toEqual(new Point(1, 2));
    expect(view.echo(new Point(1, 2))).toBeInstanceOf(Point);
  });

  it('is of functions too', () => {
    expect(asyncToSync(double)(21)).toBe(42);
    const sum: number = asyncToSync(add)(1, 2);
    expect(sum).toBe(3);
  });

  it('is of objects of functions too, frozen ones as well', () => {
    const functions = { double, add, name: 'functions' };
    for (const object of [functions, Object.freeze({ ...functions })]) {
      const inPlace = asyncToSync(object);
      expect([inPlace.double(21), inPlace.add(1, 2), inPlace.name]).toEqual([42, 3, 'functions']);
      expect(Object.keys(inPlace)).toEqual(['double', 'add', 'name']);
      expect({ ...inPlace }.add(1, 2)).toBe(3);
    }
    expect(asyncToSync(service)).toBeInstanceOf(Asynchronous);
    expect('undecorated' in view).toBe(true);
  });

  it('works inside a running loop, which stands still meanwhile', async () => {
    let ticks = 0;
    const ticker = setInterval(() => ticks++, 1);
    await new Promise(setImmediate);
    const before = ticks;
    expect(await Promise.resolve().then(() => view.slow(30))).toBeGreaterThan(0);
    expect(ticks).toBe(before);
    clearInterval(ticker);
  });

  it('lets timers, sockets and fetch progress', () => {
    expect(view.fetchFromItself()).toBe('over the wire');
  });

  it('has the receiver, copied or from the container, and static methods', () => {
    expect(view.own()).toBe('asynchronous');
    expect(view.name).toBe('asynchronous');
    expect(view.synchronous()).toBe('asynchronous');
    expect(asyncToSync(container.resolve(Injected)).greet()).toBe('hello from a worker');
    expect(asyncToSync(Asynchronous).where()).not.toBe(threadId);
  });

  it('has methods that the service has bound to itself', () => {
    const bound = new Asynchronous();
    bound.own = bound.own.bind(bound);
    expect(asyncToSync(bound).own()).toBe('asynchronous');
    const service: object = Object.assign(Object.create(null), { round: Math.round.bind(Math) });
    expect((asyncToSync(service) as typeof Math).round(1.5)).toBe(2);
  });

  it('may be spied on, and has its methods again afterwards', () => {
    const spied = asyncToSync(new Asynchronous());
    const spy = jest.spyOn(spied, 'own').mockReturnValueOnce('once');
    expect([spied.own(), spied.own()]).toEqual(['once', 'asynchronous']);
    expect(spy).toHaveBeenCalledTimes(2);
    spy.mockRestore();
    expect(jest.isMockFunction(spied.own)).toBe(false);
    expect(spied.own()).toBe('asynchronous');
    const service = new Asynchronous();
    jest.spyOn(service, 'own');
    expect(() => asyncToSync(service).own()).toThrow(/as a test's spy does: spy on the synchronous view/);
  });

  it('runs all calls of a thread in one worker', () => {
    const where = asyncToSync(Asynchronous).where();
    expect(asyncToSync(Asynchronous, { timeoutMs: 10_000 }).where()).toBe(where);
  });

  it('works inside workers, in a worker of their own', async () => {
    const [outer, inner, value] = await Nested.inWorker(new Map([['a', 1]]));
    expect(inner).not.toBe(outer);
    expect(value).toStrictEqual(new Map([['a', 1]]));
    const [first, second] = asyncToSync(new Nested()).twice();
    expect(second).not.toBe(first);
  });

  it('shares locks with its worker', () => {
    const lock = new Lock();
    const words = sharedWords();
    view.increment(lock, words, 100);
    lock.runSync(() => void words[0]++);
    expect(words[0]).toBe(101);
  });
});

describe('a call in place that fails', () => {
  it('throws the error as itself, with both stacks', () => {
    let error: unknown;
    try {
      view.fail();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(TeapotError);
    expect(error).toMatchObject({ message: 'short and stout', code: 'E_TEAPOT', name: 'RangeError' });
    expect((error as Error).stack).toMatch(
      /Asynchronous\.fail .*sync-services\.ts[^]*async-to-sync\.test\.ts/,
    );
  });

  it('refuses what cannot be copied, and goes on', () => {
    expect(() => view.echo(() => 1)).toThrow(NotCloneableError);
    expect(() => view.giveFunction()).toThrow(NotCloneableError);
    expect(view.echo(1)).toBe(1);
  });

  it('says by its path what structured clone refuses, as any executor does', async () => {
    const refused = { list: [new Proxy({ a: 1 }, {})] };
    const elsewhere: unknown = await service.echo(refused).catch((error: unknown) => error);
    let inPlace: unknown;
    try {
      view.echo(refused);
    } catch (error) {
      inPlace = error;
    }
    expect(inPlace).toBeInstanceOf(NotCloneableError);
    const { message } = elsewhere as NotCloneableError;
    expect(inPlace).toMatchObject({ path: 'arguments[0].list[0]', message });
    expect(view.echo(1)).toBe(1);
  });

  it('takes no late answer for the next one', () => {
    const impatient = asyncToSync(service, { timeoutMs: 300 });
    expect(view.echo(1)).toBe(1);
    // About as long as it may: a busy machine decides whether the answer comes in time.
    for (let round = 2; round < 7; round++) {
      try {
        expect(impatient.slow(300 + 2 * round)).toBe(1);
      } catch (error) {
        expect(error).toBeInstanceOf(CallTimeoutError);
      }
      const patient = asyncToSync(service, { timeoutMs: 20_000 });
      expect(patient.echo(round)).toBe(round);
      // A new worker counts anew.
      expect(patient.slow(20)).toBe(1);
    }
  });

  it('ends a worker that spins, by the timeout of the method', () => {
    expect(() => view.spin()).toThrow('Asynchronous.spin ran for longer than its timeoutMs of 100 ms.');
    expect(view.echo('after')).toBe('after');
  });

  it('replaces a worker that was lost', () => {
    for (let round = 0; round < 3; round++) {
      let error: unknown;
      try {
        view.exit(7);
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: 7, code: 'ERR_OFFLOOP_WORKER_LOST' });
      expect(view.echo(round)).toBe(round);
    }
  });

  it('says what ended the worker', () => {
    let error: unknown;
    try {
      view.crash();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(WorkerLostError);
    expect((error as Error).cause).toBeInstanceOf(TeapotError);
    expect((error as Error).message).toContain('in the background');
  });

  it('does not charge a call with the end of a worker before it', () => {
    for (let round = 0; round < 3; round++) {
      const words = sharedWords();
      view.exitLater(words);
      Atomics.wait(words, 0, 0);
      // It is about to end, or has ended: either way the next call finds out.
      try {
        expect(view.echo(1)).toBe(1);
      } catch (error) {
        expect(error).toBeInstanceOf(WorkerLostError);
      }
      expect(view.echo(2)).toBe(2);
    }
  });

  it('does not lose what is transferred to the end of a worker before it', () => {
    for (let round = 0; round < 3; round++) {
      const lock = new Lock();
      view.endUnseen(lock);
      lock.acquireSync()();
      const bytes = new Uint8Array(10);
      try {
        expect(view.lengthOf(transfer(bytes, [bytes.buffer]))).toBe(10);
      } catch (error) {
        // It was just about to end.
        expect(error).toBeInstanceOf(WorkerLostError);
        expect((error as Error).cause).toBeUndefined();
      }
    }
  });

  it('honours the setup module, and says when it fails or ends its worker', () => {
    const readSetup = asyncToSync(fromSetup, { setup: join(__dirname, 'setup.cjs') });
    expect(readSetup()).toBe('set up');
    const broken = asyncToSync(fromSetup, { setup: join(__dirname, 'broken-setup.cjs') });
    for (let round = 0; round < 2; round++) {
      expect(() => broken()).toThrow(WorkerStartError);
      expect(() => broken()).toThrow('no database');
    }
    const ended = asyncToSync(fromSetup, { setup: join(__dirname, 'ended-setup.cjs') });
    expect(() => ended()).toThrow(WorkerStartError);
    expect(() => ended()).toThrow('it ended with exit code 3 before it was ready');
  });

  it('does not begin for a signal that has aborted', () => {
    const take = asyncToSync(takeSignal);
    expect(() => take(AbortSignal.abort(new Error('enough')))).toThrow('enough');
    expect(take(new AbortController().signal)).toBe(false);
  });

  it('refuses what is not decorated, and wrong options', () => {
    expect(() => view.undecorated()).toThrow(
      "asyncToSync: Asynchronous.undecorated is async and runs in this thread, where nobody can wait for it in place. Decorate it: @RunInExecutor('thread').",
    );
    expect(() => asyncToSync(async function load() {})).toThrow("Wrap it: runInExecutor('thread', load)");
    expect(() => asyncToSync(service.own)).toThrow('Hand over the service');
    expect(() => asyncToSync(5 as never)).toThrow(InvalidOptionError);
    expect(() => asyncToSync(service, { timeout: 5 } as never)).toThrow("Did you mean 'timeoutMs'?");
  });
});

describe('a call in place', () => {
  it('tells how long it blocked this thread', () => {
    const told: unknown[] = [];
    const listen = (message: unknown): number => told.push(message);
    subscribe('offloop.sync.blocked', listen);
    view.slow(40);
    unsubscribe('offloop.sync.blocked', listen);
    expect(told).toEqual([{ name: 'Asynchronous.slow', blockedMs: expect.any(Number) }]);
    expect((told[0] as { blockedMs: number }).blockedMs).toBeGreaterThanOrEqual(39);
  });

  it.each([
    ['ends by itself', 'end', 0],
    ['calls process.exit', 'exit', 2],
    ['throws', 'throw', 1],
  ])(
    'has printed all that the method wrote before it returned, when the script %s',
    async (_, how, exitCode) => {
      const { stdout, stderr, code } = await runScript('test/sync/sync-output.mjs', { args: [how, '100'] });
      const lines = Array.from({ length: 100 }, (__, index) => `line ${index}\n`);
      expect(stdout).toBe(`${lines.join('')}returned\n`);
      expect([stderr.startsWith('to stderr\n'), code]).toEqual([true, exitCode]);
    },
  );

  it('ends where no thread can begin, and the next call has one', async () => {
    const { stdout, code } = await runScript('test/sync/sync-files.mjs');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      'ERR_OFFLOOP_WORKER_START',
      expect.stringContaining('its thread has not begun') as string,
      2,
    ]);
  });

  it('has printed what a method wrote that lost its worker', async () => {
    const { stdout } = await runScript('test/sync/sync-output.mjs', { args: ['lost', '3'] });
    expect(stdout).toBe('line 0\nline 1\nline 2\nERR_OFFLOOP_WORKER_LOST\n');
  });

  it('prints what goes on in the worker after the call', async () => {
    const { stdout } = await runScript('test/sync/sync-output.mjs', { args: ['later', '1'] });
    expect(stdout).toBe('line 0\nreturned\nlater\n');
  });

  it('lets a script end by itself, and warns if asked', async () => {
    const { stdout, stderr, code } = await runScript('test/sync/sync-script.mjs');
    expect([stdout, code]).toEqual(['later\ntrue\n', 0]);
    expect(stderr).toMatch(
      /\[OFFLOOP_SYNC_BLOCKED\] OffloopWarning: later blocked this thread for \d+ ms, longer than/,
    );
  });

  it('is refused while a worker imports the module that makes it', async () => {
    const { stderr, code } = await runScript('test/sync/sync-unguarded.mjs');
    expect(stderr).toContain('Guard it: if (!isWorker) void main();');
    expect(code).toBe(1);
  });

  it('tells a bundle that holds offloop what its worker lacks', async () => {
    const { stdout } = await runScript('test/sync/bundled.mjs');
    expect(stdout).toMatch(/^ERR_OFFLOOP_WORKER_START .*sync-entry\.js: a bundler .* Keep it external/);
  });

  it('comes back 2,000 times', () => {
    const echo = asyncToSync(double);
    for (let index = 0; index < 2_000; index++) expect(echo(index)).toBe(2 * index);
  });
});

const fromSetup = runInExecutor('thread', () => (globalThis as { fromSetup?: string }).fromSetup);
const takeSignal = runInExecutor('thread', (signal: AbortSignal) => signal.aborted);
