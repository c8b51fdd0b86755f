import { setImmediate } from 'node:timers';
import { findCallable, nameOf, type Callable } from '../calls/callable';
import {
  CallableNotFoundError,
  NotCloneableError,
  WorkerImportError,
  WorkerStartError,
} from '../calls/errors';
import { now } from '../calls/clock';
import {
  FrameKind,
  OutcomeStatus,
  type Frame,
  type ReceivedCall,
  type WorkerSettings,
} from '../calls/frames';
import { decodePayload, encodePayload, type Patch, type Payload } from '../calls/payload';
import { isThenable } from '../calls/thenable';
import { runSetup } from '../di/worker-container';
import { FrameInbox } from './frame-inbox';
import { messageOf, type Importer } from './importer';
import { findOwner } from './owner';
import { buildReceiver, explainPrivate } from './receiver';
import { standInForTestGlobals } from './test-globals';

/** The way to the executor and back. */
export interface HostPort {
  /** The next call to run, if one has come; without it, those that came in frames. */
  take?(frames: FrameInbox): ReceivedCall | undefined;
  /** True when the call is this worker's to run; false when the executor took it back. */
  begin(id: number, callable: number, now: number): boolean;
  /** Sends a small value as an outcome; false when it is not small. */
  fulfillSmall(id: number, value: unknown, ms: number): boolean;
  /** Sends a frame. @throws what the boundary says of a value that it cannot carry */
  send(frame: Frame, transfer?: Payload['transfer']): void;
  /** Whether values may hold memory shared with the executor. */
  readonly sharedMemory: boolean;
  /** Receives the abort of a call if there is one, without a turn of the loop. */
  receiveAbort?(id: number): void;
  /** Told when the worker goes back to its loop while it has calls still. */
  onAway?(): void;
  /** Told when all calls that have come are answered. */
  onIdle?(): void;
}

/** The longest that calls follow each other without a turn of the loop, where timers and sockets of the user wait. */
const WITHOUT_TURN_MS = 1;

/** Runs the calls of one worker, one after the other, in the order in which they came. */
export class Host {
  #port!: HostPort;
  #started = false;
  #isRunning = false;
  #begun = 0;
  /** When the present call began. */
  #began = 0;
  /** When the loop last turned, as far as it is known; set anew when it has. */
  #turnBegan = 0;
  #isNewTurn = true;
  #isWatching = false;
  readonly #frames = new FrameInbox();
  readonly #callables: Callable[] = [];
  readonly #signals = new Map<number, AbortController>();

  constructor(private readonly importer: Importer) {}

  /** Begins a session; the first one of a worker also starts it. */
  async start(port: HostPort, settings: WorkerSettings): Promise<void> {
    this.#port = port;
    // A session that could not start may have left calls behind; the executor has given them to others.
    this.#frames.clear();
    try {
      if (!this.#started) await this.#setUp(settings);
      this.#started = true;
      port.send([FrameKind.ready, this.#begun]);
    } catch (error) {
      const { value, patches } = encodePayload(error, { root: 'error' });
      port.send([FrameKind.startFailed, value, patches]);
      throw error;
    }
    this.run();
  }

  /** True while a call runs. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  receive(frame: Frame): void {
    if (frame[0] === FrameKind.call) {
      this.#frames.receive(frame);
      this.run();
    } else if (frame[0] === FrameKind.abort) {
      const reason = decodePayload(frame[2], frame[3] as readonly Patch[] | undefined);
      this.#signals.get(frame[1] as number)?.abort(reason);
    }
  }

  /** Takes calls of callables that it knows. */
  receiveCalls(calls: readonly ReceivedCall[]): void {
    this.#frames.add(calls);
    this.run();
  }

  /** Runs the calls that have come, in this turn of the loop. */
  run(): void {
    if (!this.#started || this.#isRunning) return;
    this.#isNewTurn = true;
    this.#run();
  }

  async #setUp({ setup, loader, underTest, sourceMaps }: WorkerSettings): Promise<void> {
    if (sourceMaps) process.setSourceMapsEnabled(true);
    if (underTest) standInForTestGlobals();
    this.importer.loader = loader;
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
    this.#began = now();
    if (this.#isNewTurn) this.#turnBegan = this.#began;
    this.#isNewTurn = false;
    while (this.#began - this.#turnBegan < WITHOUT_TURN_MS) {
      const call = this.#port.take ? this.#port.take(this.#frames) : this.#frames.take();
      if (!call) {
        this.#isRunning = false;
        this.#port.onIdle?.();
        return;
      }
      if (!this.#port.begin(call.id, call.callable, this.#began)) continue;
      this.#begun++;
      const pending = this.#runOne(call);
      if (!pending) continue;
      this.#watchTurn();
      void pending.then(this.#run);
      return;
    }
    this.#goAway();
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

  /** Runs one call; returns a promise when it does not end at once. It never rejects. */
  #runOne(call: ReceivedCall): Promise<void> | undefined {
    const callable: Callable | undefined = this.#callables[call.callable];
    if (!callable || call.receiver?.[1] || call.receiver?.[3] || call.patches)
      return this.#runUnprepared(call, callable);
    return this.#invoke(call, callable);
  }

  /** As {@link #runOne}, when modules may have to be imported first. */
  async #runUnprepared(call: ReceivedCall, known: Callable | undefined): Promise<void> {
    let callable: Callable | undefined;
    try {
      callable = known ?? (await this.#load(call));
      if (callable) await this.#importClasses(call);
    } catch (error) {
      this.#fail(call.id, error, statusOf(error));
      return;
    }
    if (!callable) return;
    // What it took to import is no matter of the call.
    this.#began = now();
    await this.#invoke(call, callable);
  }

  #invoke(call: ReceivedCall, callable: Callable): Promise<void> | undefined {
    let result: unknown;
    try {
      const args = decodePayload(call.args, call.patches, this.#signalOf(call)) as unknown[];
      if (call.receiver?.[0] === 'probe') result = undefined;
      else result = callable.fn.apply(buildReceiver(callable, call.receiver), args);
    } catch (error) {
      this.#fail(call.id, explainPrivate(error, callable, call.receiver));
      return undefined;
    }
    if (!isThenable(result)) {
      this.#fulfill(call.id, result, callable);
      return undefined;
    }
    return Promise.resolve(result).then(
      (value) => this.#fulfill(call.id, value, callable),
      (error: unknown) => this.#fail(call.id, explainPrivate(error, callable, call.receiver)),
    );
  }

  #signalOf({ id, patches }: ReceivedCall): AbortSignal | undefined {
    if (!patches?.some(([, kind]) => kind === 'signal')) return undefined;
    const controller = new AbortController();
    this.#signals.set(id, controller);
    return this.#port.receiveAbort
      ? livePolled(controller.signal, () => this.#port.receiveAbort?.(id))
      : controller.signal;
  }

  #fulfill(id: number, value: unknown, callable: Callable): void {
    if (this.#signals.size > 0) this.#signals.delete(id);
    const ms = this.#endOfCall();
    if (this.#port.fulfillSmall(id, value, ms)) return;
    try {
      const payload = encodePayload(value, { root: 'result', sharedMemory: this.#port.sharedMemory });
      this.#port.send(
        [FrameKind.outcome, id, OutcomeStatus.fulfilled, payload.value, payload.patches, ms],
        payload.transfer,
      );
    } catch (cause) {
      const path = cause instanceof NotCloneableError ? cause.path : 'result';
      const message = `${callable.name}: ${messageOf(cause)} Return plain data or a @Portable() instance.`;
      this.#fail(id, new NotCloneableError(message, path, { cause }));
    }
  }

  #fail(id: number, error: unknown, status: number = OutcomeStatus.rejected): void {
    if (this.#signals.size > 0) this.#signals.delete(id);
    let payload: Payload;
    try {
      payload = encodePayload(error, { root: 'error' });
    } catch {
      payload = encodePayload(new Error(`it threw a value that cannot be copied: ${messageOf(error)}`), {
        root: 'error',
      });
    }
    this.#port.send([FrameKind.outcome, id, status, payload.value, payload.patches, this.#endOfCall()]);
  }

  /** Where one call ends the next begins; returns how long it ran, in milliseconds. */
  #endOfCall(): number {
    const began = this.#began;
    return (this.#began = now()) - began;
  }

  /** Finds the callable of a call, importing its module first if need be; undefined when that has answered it. */
  async #load(call: ReceivedCall): Promise<Callable | undefined> {
    const descriptor = this.#frames.descriptors[call.callable];
    const isNew = !this.importer.has(descriptor.module);
    let isAnswered = false;
    let exports: Record<string, unknown>;
    if (isNew) this.#port.send([FrameKind.importing, call.id, true]);
    try {
      exports = await this.importer.importModule(descriptor.module, nameOf(descriptor), (refusal) => {
        // At once: what the module does next may end the worker.
        this.#fail(call.id, refusal, OutcomeStatus.importFailed);
        isAnswered = true;
      });
    } catch (error) {
      if (isAnswered) return undefined;
      throw error;
    } finally {
      if (isNew) this.#port.send([FrameKind.importing, call.id, false]);
    }
    const callable = findCallable(descriptor);
    findOwner(callable, exports);
    return (this.#callables[call.callable] = callable);
  }

  /** Classes that a call brings along: of the receiver, and of portable instances among the data. */
  async #importClasses({ patches, receiver }: ReceivedCall): Promise<void> {
    if (receiver?.[1]) await this.importer.importModule(receiver[1].module, receiver[1].className);
    for (const [, kind, of] of [...(patches ?? []), ...(receiver?.[3] ?? [])]) {
      if (kind !== 'portable' && kind !== 'from-portable') continue;
      await this.importer.importModule(of.module, of.className);
    }
  }
}

function statusOf(error: unknown): number {
  const isImport = error instanceof WorkerImportError || error instanceof WorkerStartError;
  return isImport && !(error instanceof CallableNotFoundError)
    ? OutcomeStatus.importFailed
    : OutcomeStatus.rejected;
}

/** A signal that looks for an abort whenever it is asked: true news even in a synchronous loop. */
function livePolled(signal: AbortSignal, look: () => void): AbortSignal {
  const isAborted = (): boolean => Reflect.get(AbortSignal.prototype, 'aborted', signal) === true;
  return Object.defineProperty(signal, 'aborted', {
    configurable: true,
    get: () => {
      if (!isAborted()) look();
      return isAborted();
    },
  });
}
