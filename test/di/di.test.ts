import 'reflect-metadata';
import { container, inject, injectable } from 'tsyringe';
import {
  Executor,
  executorToken,
  registerExecutor,
  runInExecutor,
  shutdownExecutors,
  ThreadExecutor,
  withContainer,
  type Call,
  type ExecutorProvider,
} from 'offloop';
import { runScript } from '../support/run-script';
import { OneThread, Places, Steps, TOKEN } from './services';

/** Counts its calls, and remembers that it was shut down. */
class Recorder extends Executor {
  static made = 0;
  calls = 0;
  isShutDown = false;

  constructor() {
    super();
    Recorder.made++;
  }

  override submit<T>(call: Call<T>): Promise<T> {
    this.calls++;
    return call.run();
  }

  override shutdown(): Promise<void> {
    this.isShutDown = true;
    return Promise.resolve();
  }
}

/** Keeps its calls until it is shut down, and passes them on then. */
class Holding extends Executor {
  readonly #held: (() => Promise<unknown>)[] = [];

  constructor(readonly inner: Executor) {
    super();
  }

  override submit<T>(call: Call<T>): Promise<T> {
    return new Promise((resolve) => {
      this.#held.push(() => this.inner.submit(call).then(resolve));
    });
  }

  override async shutdown(): Promise<void> {
    for (const passOn of this.#held.splice(0)) await passOn();
  }
}

const inNoExecutor = runInExecutor([class {}][0] as new () => Executor, () => 1);

@injectable()
class AsksForItself extends Recorder {
  constructor(@inject(executorToken('named')) readonly inner: Executor) {
    super();
  }
}

beforeEach(() => {
  container.reset();
  Recorder.made = 0;
});

afterAll(() => shutdownExecutors());

describe('which executor a method gets', () => {
  it('is the default one without registration, thread and process', async () => {
    await expect(Places.byDefault()).resolves.toBeGreaterThan(0);
    await expect(Places.inProcess()).resolves.not.toBe(process.pid);
  });

  it.each<[string, () => void]>([
    ['useClass', () => registerExecutor('named', { useClass: Recorder })],
    ['useFactory', () => registerExecutor('named', { useFactory: () => new Recorder() })],
    ['useValue', () => registerExecutor('named', { useValue: new Recorder() })],
    [
      'useToken',
      () => {
        container.register(TOKEN, { useClass: Recorder });
        registerExecutor('named', { useToken: TOKEN });
      },
    ],
    ['the container itself', () => void container.register(executorToken('named'), { useClass: Recorder })],
  ])('is made once by %s, not once per call', async (_, register) => {
    register();
    await Promise.all([Places.named(), Places.named()]);
    await Places.named();
    expect(Recorder.made).toBe(1);
  });

  it.each<[string, () => ExecutorProvider]>([
    ['useClass', () => ({ useClass: Recorder })],
    ['useFactory', () => ({ useFactory: () => new Recorder() })],
    ['useValue', () => ({ useValue: new Recorder() })],
    ['useToken', () => ({ useToken: executorToken('thread') })],
  ])('is the one that is injected, registered by %s', async (_, provider) => {
    registerExecutor('thread', { useClass: Recorder });
    registerExecutor('named', provider());
    const child = container.createChildContainer();
    const injected = child.resolve<Recorder>(executorToken('named'));
    await Promise.all([Places.named(), withContainer(child, () => Places.named())]);
    expect(container.resolve(executorToken('named'))).toBe(injected);
    expect([injected.calls, Recorder.made]).toEqual([2, 1]);
  });

  it('may stand before a default one, which need not have been used yet', async () => {
    @injectable()
    class Counting extends Executor {
      calls = 0;
      constructor(@inject(executorToken('thread')) readonly inner: Executor) {
        super();
      }
      override submit<T>(call: Call<T>): Promise<T> {
        this.calls++;
        return this.inner.submit(call);
      }
    }
    registerExecutor('named', { useClass: Counting });
    await expect(Places.named()).resolves.toBeGreaterThan(0);
    await expect(Places.byDefault()).resolves.toBeGreaterThan(0);
    const { calls, inner } = container.resolve<Counting>(executorToken('named'));
    expect([calls, inner.statistics().fulfilled]).toEqual([1, 2]);
  });

  it('is found by a symbol and by a class', async () => {
    container.register(TOKEN, { useClass: Recorder });
    await Places.bySymbol();
    await Places.bySymbol();
    expect(Recorder.made).toBe(1);
    const first = await Places.byClass();
    await expect(Places.byClass()).resolves.toBe(first);
    container.register(OneThread, { useValue: new Recorder() as never });
    await expect(Places.byClass()).resolves.toBe(0);
  });

  it('is replaced by a new registration, and the old one is shut down', async () => {
    const [first, second] = [new Recorder(), new Recorder()];
    registerExecutor('thread', { useValue: first });
    await Places.byDefault();
    container.register(executorToken('thread'), { useValue: second });
    await Places.byDefault();
    expect([first.calls, second.calls, first.isShutDown]).toEqual([1, 1, true]);
  });

  it('warns where the shutdown of one that is replaced fails, for nobody waits for it', async () => {
    const failing = new Recorder();
    failing.shutdown = () => Promise.reject(new Error('the disk is full'));
    registerExecutor('named', { useValue: failing });
    await Places.named();
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
    registerExecutor('named', { useClass: Recorder });
    await Places.named();
    await shutdownExecutors();
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/Recorder .* replaced failed$/),
      expect.objectContaining({
        code: 'OFFLOOP_SHUTDOWN_FAILED',
        detail: expect.stringContaining('the disk is full') as string,
      }),
    );
    warn.mockRestore();
  });

  it('goes on when it is registered again, or under another name too', async () => {
    const executor = new ThreadExecutor({ maxWorkers: 1 });
    for (let time = 0; time < 3; time++) {
      container.reset();
      registerExecutor('named', { useValue: executor });
      await expect(Places.named()).resolves.toBeGreaterThan(0);
    }
    const child = container.createChildContainer();
    registerExecutor('named', { useValue: executor }, child);
    registerExecutor('thread', { useValue: executor });
    await withContainer(child, () => Places.named());
    await Places.byDefault();
    registerExecutor('named', { useClass: Recorder });
    await Places.named();
    await child.dispose();
    await child.dispose();
    await expect(Places.byDefault()).resolves.toBeGreaterThan(0);
    // Nobody has it any more.
    registerExecutor('thread', { useClass: Recorder });
    await Places.byDefault();
    registerExecutor('named', { useValue: executor });
    await expect(Places.named()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN' });
  });

  it('may have no more than submit, as a test’s own', async () => {
    registerExecutor('named', { useValue: { submit: (call: Call) => call.run() } as never });
    await expect(Places.named()).resolves.toBe(0);
    registerExecutor('named', { useValue: { submit: () => Promise.resolve(7) } as never });
    await expect(Places.named()).resolves.toBe(7);
    await shutdownExecutors();
  });

  it('is the parent’s in a child container that has none of its own', async () => {
    const [ofParent, ofChild] = [new Recorder(), new Recorder()];
    registerExecutor('named', { useValue: ofParent });
    const child = container.createChildContainer();
    await withContainer(child, () => Places.named());
    expect(ofParent.calls).toBe(1);
    registerExecutor('named', { useValue: ofChild }, child);
    await withContainer(child, async () => {
      await Promise.resolve();
      await Places.named();
    });
    await Places.named();
    expect([ofParent.calls, ofChild.calls]).toEqual([2, 1]);
  });

  it('is not looked for in what is no container', () => {
    for (const wrong of [null, undefined, {}])
      expect(() => withContainer(wrong as never, () => Places.named())).toThrow(
        expect.objectContaining({
          code: 'ERR_OFFLOOP_INVALID_OPTION',
          message: expect.stringMatching(/expected a container, such as .*, found/) as string,
        }),
      );
  });

  it('survives clearInstances and reset', async () => {
    await Places.byDefault();
    container.clearInstances();
    await Places.byDefault();
    container.reset();
    await expect(Places.byDefault()).resolves.toBeGreaterThan(0);
  });
});

describe('the end of executors', () => {
  it('comes with their container, and spares those of others', async () => {
    const [ofParent, ofChild] = [new Recorder(), new Recorder()];
    registerExecutor('named', { useValue: ofParent });
    const child = container.createChildContainer();
    child.register(executorToken('thread'), { useFactory: () => ofChild });
    await withContainer(child, () => Promise.all([Places.named(), Places.byDefault()]));
    await child.dispose();
    expect([ofParent.isShutDown, ofChild.isShutDown]).toEqual([false, true]);
  });

  it('comes with their container, and with shutdownExecutors, to those that were only injected', async () => {
    registerExecutor('named', { useClass: Recorder });
    const child = container.createChildContainer();
    registerExecutor('other', { useFactory: () => new Recorder() }, child);
    const [ofParent, ofChild] = ['named', 'other'].map((name) =>
      child.resolve<Recorder>(executorToken(name)),
    );
    await child.dispose();
    expect([ofParent.isShutDown, ofChild.isShutDown]).toEqual([false, true]);
    await shutdownExecutors();
    expect(ofParent.isShutDown).toBe(true);
  });

  it.each(['dispose', 'shutdownExecutors'])(
    'comes to those that pass calls on before it comes to those that take them: %s',
    async (how) => {
      const child = container.createChildContainer();
      registerExecutor('thread', { useFactory: () => new ThreadExecutor({ maxWorkers: 1 }) }, child);
      registerExecutor(
        'named',
        { useFactory: (at) => new Holding(at.resolve(executorToken('thread'))) },
        child,
      );
      const calls = withContainer(child, () => Promise.all([Places.named(), Places.named()]));
      await (how === 'dispose' ? child.dispose() : shutdownExecutors());
      await expect(calls).resolves.toEqual([expect.any(Number), expect.any(Number)]);
    },
  );

  it.each<[string, (executor: Recorder) => ExecutorProvider]>([
    ['useToken', () => ({ useToken: executorToken('thread') })],
    ['useFactory', () => ({ useFactory: (at) => at.resolve(executorToken('thread')) })],
    ['useValue', (useValue) => ({ useValue })],
  ])('spares what no method has used yet by its own name, only by another: %s', async (_, another) => {
    const executor = new Recorder();
    registerExecutor('thread', { useValue: executor });
    registerExecutor('named', another(executor));
    await Places.named();
    registerExecutor('named', { useClass: Recorder });
    const child = container.createChildContainer();
    registerExecutor('named', another(executor), child);
    await withContainer(child, () => Places.named());
    await child.dispose();
    await Places.named();
    expect([executor.calls, executor.isShutDown]).toEqual([2, false]);
  });

  it('is told to calls that are made in a container that is disposed, and does not concern what others have', async () => {
    registerExecutor('thread', { useClass: Recorder });
    const child = container.createChildContainer();
    registerExecutor('named', { useClass: Recorder }, child);
    await child.dispose();
    await expect(withContainer(child, () => Places.named())).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN',
      message: expect.stringMatching(/Places\.named: the container .*'named' .*disposed/),
    });
    await expect(withContainer(child, () => Places.byClass())).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN',
      message: expect.stringMatching(/Places\.byClass: the container .*OneThread .*disposed/),
    });
    await expect(withContainer(child, () => Places.byDefault())).resolves.toBe(0);
    await expect(withContainer(child, () => new Steps().step())).resolves.toBe(1);
  });

  it('needs no dispose where a request drops its container', async () => {
    const { stdout, stderr, code } = await runScript('test/di/requests-script.mjs', {
      nodeArgs: ['--expose-gc'],
    });
    expect([stderr, code]).toEqual(['', 0]);
    const { made, left } = JSON.parse(stdout) as { made: number; left: number };
    expect(made).toBe(1_000);
    expect(left).toBeLessThan(100);
  });

  it('is not needed after Jest has emptied the global object, as it may after each test file', async () => {
    const ended = await runScript('test/di/emptied-script.cjs', { nodeArgs: ['--expose-gc'] });
    expect(ended).toEqual({ code: 0, stdout: 'collected\n', stderr: '' });
  });

  it('of all is waited for, also when one fails', async () => {
    const failing = new Recorder();
    failing.shutdown = () => Promise.reject(new Error('cannot end'));
    const slow = new Recorder();
    slow.shutdown = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      slow.isShutDown = true;
    };
    registerExecutor('named', { useValue: failing });
    registerExecutor('thread', { useValue: slow });
    await Promise.all([Places.named(), Places.byDefault()]);
    await expect(shutdownExecutors()).rejects.toThrow('cannot end');
    expect(slow.isShutDown).toBe(true);
    // It has been told.
    await shutdownExecutors();
  });

  it('comes to all pools at once: none takes a call while another ends those that it has', async () => {
    for (const name of ['named', 'thread'])
      registerExecutor(name, { useFactory: () => new ThreadExecutor({ maxWorkers: 1 }) });
    const running = Promise.all([Places.named(), Places.byDefault()]);
    const ended = shutdownExecutors();
    const code = 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN';
    await expect(Places.named()).rejects.toMatchObject({ code });
    await expect(Places.byDefault()).rejects.toMatchObject({ code });
    await expect(running).resolves.toHaveLength(2);
    await ended;
  });

  it('comes with shutdownExecutors; later calls are refused, and a new registration goes on', async () => {
    registerExecutor('named', { useFactory: () => new ThreadExecutor({ maxWorkers: 1 }) });
    const running = Places.named();
    await shutdownExecutors();
    await expect(running).resolves.toBeGreaterThan(0);
    await expect(Places.named()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_EXECUTOR_SHUTDOWN',
      message: expect.stringMatching(/Places\.named.*registerExecutor/),
    });
    registerExecutor('named', { useClass: Recorder });
    await expect(Places.named()).resolves.toBe(0);
  });
});

describe('errors of resolution', () => {
  it('name the known executors and the nearest', async () => {
    registerExecutor('images', { useClass: Recorder });
    await expect(Places.misspelt()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_EXECUTOR_NOT_FOUND',
      message: expect.stringMatching(/Places\.misspelt.*'tread'.*Did you mean 'thread'.*'process'.*'images'/),
    });
  });

  it('say that a name was registered, and where it may be', async () => {
    registerExecutor('named', { useValue: new Recorder() });
    await Places.named();
    container.clearInstances();
    const lost = {
      code: 'ERR_OFFLOOP_EXECUTOR_NOT_FOUND',
      message: expect.stringMatching(
        /Places\.named: .*'named' was registered.*withContainer.*reset\(\)/,
      ) as string,
    };
    await expect(Places.named()).rejects.toMatchObject(lost);
    registerExecutor('named', { useClass: Recorder }, container.createChildContainer());
    await expect(Places.named()).rejects.toMatchObject(lost);
  });

  it('say that nothing is registered for a token', async () => {
    await expect(Places.unregistered()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_EXECUTOR_NOT_FOUND' });
  });

  it('say what to write where tsyringe cannot build an executor, and tell what its class throws as it is', async () => {
    class NeedsAnother extends Recorder {
      constructor(readonly inner: Recorder) {
        super();
      }
    }
    container.register(TOKEN, { useClass: NeedsAnother });
    await expect(Places.bySymbol()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_INVALID_EXECUTOR',
      message: expect.stringMatching(/^Places\.bySymbol: .*"NeedsAnother"\. Put @injectable\(\)/) as string,
      cause: expect.any(Error) as Error,
    });
    const own = new RangeError('no room');
    container.register(TOKEN, {
      useFactory: () => {
        throw own;
      },
    });
    await expect(Places.bySymbol()).rejects.toBe(own);
  });

  it('say what was found instead of an executor', async () => {
    container.register(TOKEN, { useValue: new Map() });
    await expect(Places.bySymbol()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_INVALID_EXECUTOR',
      message: expect.stringContaining('an instance of Map'),
    });
  });

  it('say that a class is no executor which has no name', async () => {
    await expect(inNoExecutor()).rejects.toThrow(/the class without a name is no executor/);
  });

  it('say what was found though it has no class', async () => {
    registerExecutor('named', { useFactory: () => Object.create(null) as Executor });
    await expect(Places.named()).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_INVALID_EXECUTOR',
      message: expect.stringMatching(/Places\.named: .*'named' .*found an object/),
    });
  });

  it.each<[string, () => ExecutorProvider]>([
    ['useClass', () => ({ useClass: AsksForItself })],
    ['useFactory', () => ({ useFactory: (from) => from.resolve(executorToken('named')) })],
    ['useToken', () => ({ useToken: executorToken('named') })],
  ])('say that an executor asks for itself, registered by %s', async (_, provider) => {
    registerExecutor('named', provider());
    await expect(Places.named()).rejects.toThrow(/the executor asks for 'named', which is itself/);
  });

  it('refuse bad registrations', () => {
    expect(() => registerExecutor('', { useClass: Recorder })).toThrow(/expected a name/);
    expect(() => registerExecutor('x', Recorder as never)).toThrow(/expected a provider/);
    // As of a module that imports this one.
    expect(() => registerExecutor('x', { useValue: undefined as never })).toThrow(
      /found useValue: undefined/,
    );
  });
});
