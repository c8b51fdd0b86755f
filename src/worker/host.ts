import type { Callable } from '../calls/callable';
import { now, setImmediate } from '../calls/clock';
import { WorkerImportError } from '../calls/errors';
import { FrameKind, type Frame, type ReceivedCall, type WorkerSettings } from '../calls/wire/frames';
import { decodeError } from '../calls/values/decode-error';
import { expectOtherCompiler } from '../calls/definitions';
import { messageOf } from '../calls/message-of';
import { decodePayload, type Patch } from '../calls/values/payload';
import { practise } from '../calls/wire/practise';
import { isThenable } from '../calls/thenable';
import { runSetup } from '../di/worker-container';
import { CallLoader } from './call-loader';
import { FrameInbox } from './frame-inbox';
import { WITHOUT_TURN_MS, type HostPort } from './host-port';
import type { Importer } from './importer';
import { LiveSignals } from './live-signals';
import { OutcomeSender } from './outcome-sender';
import { buildReceiver, explainPrivate } from './receiver';
import { sendError } from '../calls/wire/send-error';
import { standInForTestGlobals } from './test-globals';

const noCall: ReceivedCall = { id: 0, callable: 0, args: undefined, patches: undefined, receiver: undefined };

/** Runs the calls of one worker, one after the other, in the order in which they came. */
export class Host {
  /** The calls that have come in frames. */
  readonly frames = new FrameInbox();
  #port!: HostPort;
  #outcomes!: OutcomeSender;
  #started = false;
  #isRunning = false;
  /** The loop has its turn between two calls. */
  #isBetween = false;
  #begun = 0;
  /** When the present call began. */
  #began = 0;
  /** When the loop last turned, as far as it is known; set anew when it has. */
  #turnBegan = 0;
  #isNewTurn = true;
  #isWatching = false;
  readonly #loader: CallLoader;
  /** The present call; none is held when there is none, for its arguments may be large. */
  #call: ReceivedCall = noCall;
  #callable!: Callable;
  readonly #signals = new LiveSignals((id) => this.#port.receiveAbort?.(id));

  constructor(private readonly importer: Importer) {
    this.#loader = new CallLoader(importer);
  }

  /** Starts the worker; calls run from then on. */
  async start(port: HostPort, settings: WorkerSettings): Promise<void> {
    this.#port = port;
    this.#outcomes = new OutcomeSender(port);
    try {
      await this.#setUp(settings);
      this.#started = true;
      port.send([FrameKind.ready]);
    } catch (error) {
      sendError(error, port.sharedMemory, (value, patches) =>
        port.send([FrameKind.startFailed, value, patches]),
      );
      throw error;
    }
    this.run();
  }

  /** How many calls it has begun. */
  get begun(): number {
    return this.#begun;
  }

  /** True while a call runs, or the next is about to. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** True while a call runs. */
  get isInCall(): boolean {
    return this.#isRunning && !this.#isBetween;
  }

  receive(frame: Frame): void {
    if (frame[0] === FrameKind.call) {
      this.frames.receive(frame);
      this.run();
    } else if (frame[0] === FrameKind.abort) {
      const reason = decodeError(frame[2], frame[3] as readonly Patch[] | undefined);
      this.#signals.abort(frame[1] as number, reason);
    }
  }

  /** Takes calls of callables that it knows. */
  receiveCalls(calls: readonly ReceivedCall[]): void {
    this.frames.add(calls);
    this.run();
  }

  /** Runs the calls that have come, in this turn of the loop. */
  run(): void {
    if (!this.#started || this.#isRunning) return;
    this.#isNewTurn = true;
    this.#run();
  }

  async #setUp({ setup, loader, underTest, sourceMaps, depth }: WorkerSettings): Promise<void> {
    if (sourceMaps) process.setSourceMapsEnabled(true);
    if (underTest) {
      expectOtherCompiler();
      standInForTestGlobals();
    }
    this.importer.loader = loader;
    this.importer.depth = depth;
    if (setup === undefined) return;
    try {
      await runSetup(await this.importer.importSetup(setup));
    } catch (cause) {
      throw cause instanceof WorkerImportError
        ? cause
        : new Error(`the setup module ${setup} failed: ${messageOf(cause)}`, { cause });
    }
  }

  /** Calls follow each other without a turn of the loop, for as long as they may. */
  #run = (): void => {
    this.#isRunning = true;
    this.#isBetween = false;
    this.#began = now();
    if (this.#isNewTurn) this.#turnBegan = this.#began;
    this.#isNewTurn = false;
    while (this.#began - this.#turnBegan < WITHOUT_TURN_MS) {
      const call = this.#port.take();
      if (!call) {
        this.#isRunning = false;
        this.#call = noCall;
        this.#port.onIdle?.();
        return;
      }
      if (!this.#port.begin(call.id, call.callable, this.#began)) continue;
      this.#begun++;
      const callable = this.#loader.known(call);
      if (callable && this.#invoke(call, callable)) continue;
      if (!callable) this.#load(call);
      this.#watchTurn();
      return;
    }
    this.#goAway();
    this.#isBetween = true;
    setImmediate(this.#run);
  };

  /** Most promises are settled before the loop turns; when the present one is not, the worker is away. */
  #watchTurn(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    process.nextTick(() => {
      this.#isWatching = false;
      if (this.#isRunning) this.#goAway();
    });
  }

  #goAway(): void {
    this.#isNewTurn = true;
    this.#port.onAway?.();
  }

  /** Loads what a call needs, and then runs it. */
  #load(call: ReceivedCall): void {
    const { id } = call;
    this.#loader
      .load(call, this.frames.descriptors[call.callable], {
        onImporting: (importing) => this.#port.send([FrameKind.importing, id, importing]),
        onRefused: (refusal) => this.#failToLoad(id, refusal),
      })
      .then(
        (callable) => {
          // What it took to load is no matter of the call.
          this.#began = now();
          if (!callable || this.#invoke(call, callable)) this.#run();
          // Later, so that the first call does not wait for it.
          setImmediate(practise);
        },
        (error: unknown) => {
          // Were it for a class that the call brings along, others of the method would not fail.
          if (this.#loader.hasFound(call.callable)) this.#fail(id, error);
          else this.#failToLoad(id, error);
          this.#run();
        },
      );
  }

  /** Runs a method; true when it has ended, else it goes on when its promise is settled. */
  #invoke(call: ReceivedCall, callable: Callable): boolean {
    this.#call = call;
    this.#callable = callable;
    let result: unknown;
    try {
      const args = decodePayload(call.args, call.patches, this.#signals.of(call)) as unknown[];
      if (call.receiver?.[0] !== 'probe')
        result = callable.fn.apply(buildReceiver(callable, call.receiver), args);
      // Here as well: to look for its `then` may run code of the user, as `await` does.
      if (isThenable(result)) {
        Promise.resolve(result).then(this.#onFulfilled, this.#onRejected);
        return false;
      }
    } catch (error) {
      this.#reject(error);
      return true;
    }
    this.#fulfill(result);
    return true;
  }

  readonly #onFulfilled = (value: unknown): void => {
    this.#fulfill(value);
    this.#run();
  };

  readonly #onRejected = (error: unknown): void => {
    this.#reject(error);
    this.#run();
  };

  #fulfill(value: unknown): void {
    const { id } = this.#call;
    this.#signals.ended(id);
    this.#outcomes.fulfill(id, this.#callable, value, this.#endOfCall());
  }

  #reject(error: unknown): void {
    const { id, receiver } = this.#call;
    this.#fail(id, explainPrivate(error, this.#callable, receiver));
  }

  #fail(id: number, error: unknown): void {
    this.#signals.ended(id);
    this.#outcomes.fail(id, error, this.#endOfCall());
  }

  #failToLoad(id: number, error: unknown): void {
    this.#signals.ended(id);
    this.#outcomes.failToLoad(id, error, this.#endOfCall());
  }

  /** Where one call ends the next begins; returns how long it ran, in milliseconds. */
  #endOfCall(): number {
    const began = this.#began;
    return (this.#began = now()) - began;
  }
}
