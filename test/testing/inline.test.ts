import 'reflect-metadata';
import { threadId } from 'node:worker_threads';
import { container, injectable } from 'tsyringe';
import {
  InlineExecutor,
  registerExecutor,
  runInExecutor,
  RunInExecutor,
  shutdownExecutors,
  withContainer,
} from 'offloop';
import { useInlineExecutors, type InlineExecutors } from 'offloop/testing';
import { runScript } from '../support/run-script';

const TOKEN = Symbol('an executor of the application');
const here = `${process.pid}/${threadId}`;
const place = (): string => `${process.pid}/${threadId}`;

@injectable()
class Reports {
  repository: { find(id: string): string } = { find: (id) => `row ${id}` };

  @RunInExecutor('process')
  async render(id: string): Promise<string> {
    return `${this.repository.find(id)} at ${place()}`;
  }

  @RunInExecutor('thread')
  async place(): Promise<string> {
    return place();
  }

  @RunInExecutor('thread')
  async renderUntil(_signal: AbortSignal): Promise<void> {
    this.repository.find('what takes long');
    await new Promise(() => undefined);
  }

  @RunInExecutor('thread', { timeoutMs: 1 })
  async renderInTime(): Promise<string> {
    return 'in time';
  }

  @RunInExecutor(TOKEN)
  async byToken(value: unknown): Promise<unknown> {
    return value;
  }
}

afterAll(() => shutdownExecutors());

describe('useInlineExecutors in a hook, before any test has run', () => {
  let inline: InlineExecutors;
  beforeAll(() => (inline = useInlineExecutors()));
  afterAll(() => inline.restore());

  it.each([1, 2])('holds at once, until it is restored', async (calls) => {
    await expect(new Reports().place()).resolves.toBe(here);
    expect(inline.calls).toHaveLength(calls);
  });
});

describe('useInlineExecutors at the top of a describe', () => {
  const inline = useInlineExecutors();
  const reports = new Reports();

  it('runs methods here, on the caller’s own instance with its fakes, and records them', async () => {
    reports.repository = { find: () => 'a fake row' };
    await expect(reports.render('42')).resolves.toBe(`a fake row at ${here}`);
    await expect(reports.byToken(1)).resolves.toBe(1);
    expect(inline.calls).toEqual([
      { name: 'Reports.render', args: ['42'], executor: 'process' },
      { name: 'Reports.byToken', args: [1], executor: TOKEN },
    ]);
    expect(inline.callsOf('Reports.render')).toEqual([['42']]);
    inline.fake('Reports.place', () => 'a fake place');
    await expect(reports.place()).resolves.toBe('a fake place');
  });

  it('rejects at once when the signal aborts, before the first await of the method too', async () => {
    const controller = new AbortController();
    reports.repository = { find: () => (controller.abort('stop'), '') };
    await expect(reports.renderUntil(controller.signal)).rejects.toBe('stop');
  });

  it('rejects as the method would when a fake takes too long for its signal or its timeoutMs', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    inline.fake('Reports.renderUntil', never).fake('Reports.renderInTime', never);
    await expect(reports.renderUntil(AbortSignal.abort('before'))).rejects.toBe('before');
    const controller = new AbortController();
    const rendered = reports.renderUntil(controller.signal);
    controller.abort('stop');
    await expect(rendered).rejects.toBe('stop');
    await expect(reports.renderInTime()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CALL_TIMEOUT' });
  });

  it('begins each test anew: no calls, no fakes', async () => {
    expect(inline.calls).toEqual([]);
    await expect(reports.place()).resolves.toBe(here);
  });

  it('copies as a worker would, so that what passes here passes there', async () => {
    const value = { inner: [1] };
    const result = await reports.byToken(value);
    expect(result).toEqual(value);
    expect(result).not.toBe(value);
    await expect(reports.byToken(() => 1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  });
});

describe('useInlineExecutors at the top of a describe with hooks', () => {
  const inline = useInlineExecutors();
  const places: string[] = [];
  const note = async (): Promise<void> => void places.push(await new Reports().place());
  beforeAll(note);
  beforeEach(note);
  afterEach(note);

  it.each([1, 2])('holds for these too, and records anew with each test', async () => {
    await note();
    expect(inline.callsOf('Reports.place')).toHaveLength(2);
  });

  describe('and another one in it', () => {
    beforeAll(note);

    it('holds there', () => {
      expect(places).toEqual(Array(9).fill(here));
    });
  });
});

describe('useInlineExecutors within another one', () => {
  const outer = useInlineExecutors();

  it('has precedence, and gives the place back to the other', async () => {
    const reports = new Reports();
    {
      using inner = useInlineExecutors({ only: ['thread'] });
      await expect(reports.place()).resolves.toBe(here);
      await expect(reports.byToken(1)).resolves.toBe(1);
      expect([inner.calls.length, outer.calls.length]).toEqual([1, 1]);
      inner.restore();
      inner.install();
    }
    await expect(reports.place()).resolves.toBe(here);
    expect(outer.callsOf('Reports.place')).toEqual([[]]);
  });

  it('may outlive it', async () => {
    const inner = useInlineExecutors();
    outer.restore();
    await expect(new Reports().place()).resolves.toBe(here);
    inner.restore();
    await expect(new Reports().place()).resolves.not.toBe(here);
  });
});

describe('a service that a test loads anew, with a copy of the package', () => {
  const inline = useInlineExecutors({ only: ['thread'] });
  let places!: typeof import('../di/services').Places;
  beforeEach(() =>
    jest.isolateModules(() => ({ Places: places } = jest.requireActual<never>('../di/services'))),
  );

  it('runs inline too', async () => {
    await expect(places.byDefault()).resolves.toBe(threadId);
    expect(inline.callsOf('Places.byDefault')).toEqual([[]]);
  });

  it('finds its executors in the container in effect', async () => {
    const child = container.createChildContainer();
    registerExecutor('named', { useClass: InlineExecutor }, child);
    await expect(withContainer(child, () => places.named())).resolves.toBe(threadId);
  });
});

it('useInlineExecutors holds at once under a test runner that is not known, whatever hooks it has', async () => {
  const { stdout, stderr } = await runScript('test/testing/other-runner-script.mjs');
  expect([stderr, stdout]).toEqual(['', 'inline\nrestored\n']);
});

describe('after a describe with useInlineExecutors', () => {
  it('methods run in their executors again', async () => {
    await expect(new Reports().place()).resolves.not.toBe(here);
  });

  it('a test may use it for itself, and for some executors only', async () => {
    const reports = new Reports();
    {
      using inline = useInlineExecutors({ only: ['thread', TOKEN], copy: false });
      await expect(reports.place()).resolves.toBe(here);
      const value = {};
      await expect(reports.byToken(value)).resolves.toBe(value);
      await expect(reports.render('1')).resolves.not.toContain(here);
      expect(inline.calls).toHaveLength(2);
    }
    await expect(reports.place()).resolves.not.toBe(here);
  });

  it('refuses unknown options', () => {
    expect(() => useInlineExecutors({ names: [] } as never)).toThrow(/useInlineExecutors.*no option 'names'/);
  });

  it('refuses a fake that is no function, as a value would be that a method is to return', () => {
    using inline = useInlineExecutors();
    expect(() => inline.fake('Reports.place', 'a place' as never)).toThrow(
      /^fake\('Reports.place', answer\): expected a function, found "a place"/,
    );
  });
});

describe('the shutdown of an inline executor', () => {
  let end: (value: string) => void;
  const hang = runInExecutor('thread', () => new Promise<string>((resolve) => (end = resolve)));

  it('waits for the calls that run here', async () => {
    const executor = new InlineExecutor();
    const call = executor.map(hang, [0]).next();
    let isShutDown = false;
    const ended = executor.shutdown().then(() => (isShutDown = true));
    await expect(executor.map(hang, [0]).next()).rejects.toThrow(/InlineExecutor is shutting down/);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isShutDown).toBe(false);
    end('the call');
    await ended;
    await expect(call).resolves.toMatchObject({ value: 'the call' });
  });

  it('waits for drainTimeoutMs at most, and refuses options that it does not know', async () => {
    const executor = new InlineExecutor();
    const call = executor.map(hang, [0]).next();
    await executor.shutdown({ drainTimeoutMs: 5 });
    end('late');
    await expect(call).resolves.toMatchObject({ value: 'late' });
    await expect(executor.shutdown({ drain: 5 } as object)).rejects.toThrow(/'drain'/);
  });
});
