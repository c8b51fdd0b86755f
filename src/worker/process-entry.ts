/** What runs in a child process: frames come and go over the pipes that it inherited. */
import { readFileSync, writeSync, writevSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Claims } from '../calls/wire/claims';
import { Copies } from '../calls/wire/copies';
import { frameToBytes, outcomeFrameToBytes, outcomeToBytes } from '../calls/wire/frame-bytes';
import { FrameReader } from '../calls/wire/frame-reader';
import { FrameKind, type Frame, type OutcomeFrame, type WorkerSettings } from '../calls/wire/frames';
import { becomeWorker } from '../calls/host-state';
import { messageOf } from '../calls/message-of';
import { PipeFd } from '../calls/wire/pipes';
import { sendError } from '../calls/wire/send-error';
import { Wakefulness } from '../calls/wire/wakefulness';
import { disposeContainer } from '../di/worker-container';
import { exit, flushOutput } from './flush-output';
import { Host } from './host';
import { Importer } from './importer';

const importer = new Importer();
becomeWorker(importer);
const host = new Host(importer);

const outcomes = new Socket({ fd: PipeFd.outcomes, readable: false, writable: true });
const claimsMemory = new SharedArrayBuffer(Claims.bytes);
const claims = new Claims(claimsMemory);

const copies = new Copies();

/** How long to look out for the next call, where the parent looks out for the outcome of this one. */
const LOOK_OUT_MS = 0.2;
const wakefulness = new Wakefulness();
let nextComesSoon = false;

/** How much of an outcome waits until the pipe has room. */
let unsent = 0;

function writeLater(bytes: Uint8Array): void {
  unsent++;
  copies.write(bytes, (copy, done) =>
    outcomes.write(copy, () => {
      done();
      if (--unsent === 0) host.run();
    }),
  );
}

/**
 * Writes at once. What the pipe does not take now is written when it has room, and the next call begins only then:
 * an outcome is not lost with a process that another call ends.
 */
function write(pieces: readonly Uint8Array[]): void {
  let written = 0;
  try {
    if (unsent === 0)
      written =
        pieces.length === 1 ? writeSync(PipeFd.outcomes, pieces[0]) : writevSync(PipeFd.outcomes, pieces);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
  }
  for (const bytes of pieces) {
    if (written < bytes.length) writeLater(bytes.subarray(written));
    written = Math.max(0, written - bytes.length);
  }
}

/** Calls that the watchdog has taken back, as the host comes upon them. */
let passedOver: number[] = [];

/**
 * The parent hears of them from the watchdog, which has a pipe of its own. It is told here too, before it can hear of
 * any later call: what it has heard nothing of when this process ends then begins with the call that was running.
 */
function tellPassedOver(): void {
  if (passedOver.length === 0) return;
  port.send([FrameKind.passedOver, ...passedOver]);
  passedOver = [];
}

const port = {
  sharedMemory: false,
  take: () => (unsent > 0 ? undefined : host.frames.take()),
  begin: (id: number): boolean => {
    if (claims.begin(id)) {
      tellPassedOver();
      return true;
    }
    passedOver.push(id);
    return false;
  },
  onIdle: (): void => {
    tellPassedOver();
    if (nextComesSoon) wakefulness.begin(LOOK_OUT_MS);
  },
  fulfillSmall: (id: number, value: unknown, ms: number): boolean => {
    const pieces = outcomeToBytes(id, value, ms);
    if (pieces) write(pieces);
    return pieces !== undefined;
  },
  sendSmall: (frame: OutcomeFrame): boolean => {
    const pieces = outcomeFrameToBytes(frame);
    if (pieces) write(pieces);
    return pieces !== undefined;
  },
  send: (frame: Frame): void => {
    const { own, parts } = frameToBytes(frame);
    write([...own, ...parts]);
  },
};

/** It starts with the first call or a setup, so that a child that has neither starts sooner. */
let watchdog: Worker | undefined;
function watch(): void {
  if (watchdog) return;
  watchdog = new Worker(readFileSync(join(__dirname, 'watchdog-entry.js'), 'utf8'), {
    // By its text: without the loaders of the application it finds no file in an archive, as Plug'n'Play has them.
    eval: true,
    workerData: claimsMemory,
    // Neither the loaders of the application nor its environment: it is to be small.
    execArgv: [],
    env: {},
    // It writes nothing: connected to this process, both would have to be opened here.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  watchdog.unref();
}

async function start(settings: WorkerSettings): Promise<void> {
  const { permission } = process as Partial<NodeJS.Process>;
  try {
    // The parent may die in the middle of a setup, which may never end. What may be forbidden is tried before there is
    // a call that would be lost with it.
    if (settings.setup !== undefined || permission?.has('worker') === false) watch();
  } catch (cause) {
    const error = new Error(
      `the thread that watches over its calls could not start, for which --permission needs --allow-worker: ${messageOf(cause)}`,
    );
    sendError(error, false, (value, patches) => port.send([FrameKind.startFailed, value, patches]));
    throw error;
  }
  await host.start(port, settings);
}

const reader = new FrameReader({
  onFrame: (frame) => {
    if (frame[0] === FrameKind.start) {
      start(frame[1] as WorkerSettings).catch(() => leave(1));
    } else if (frame[0] === FrameKind.close) {
      disposeContainer().then(
        () => leave(0),
        () => leave(1),
      );
    } else {
      watch();
      host.receive(frame);
    }
  },
  receivers: host.frames.receivers,
  onCalls: (calls, isAwaited) => {
    nextComesSoon = isAwaited;
    host.receiveCalls(calls);
  },
});

function leave(code: number): void {
  void flushOutput().then(() => outcomes.end(() => exit(code)));
}

const calls = new Socket({
  fd: PipeFd.calls,
  readable: true,
  writable: false,
  onread: {
    buffer: () => reader.room(),
    callback: (length: number, buffer: Uint8Array) => {
      wakefulness.end();
      nextComesSoon = false;
      reader.push((buffer as Buffer).subarray(0, length));
      return true;
    },
  },
} as SocketConstructorOpts).resume();
// The parent has ended, or has closed its side: nobody waits for this process any more, but maybe for what it wrote.
// Who reads that may be slow: the watchdog waits for as long as this loop turns.
function sayFarewell(): void {
  setInterval(() => watchdog?.postMessage(undefined), 20);
  void flushOutput().then(() => exit(0));
}
calls.on('end', sayFarewell);
calls.on('error', sayFarewell);
// What a call left behind may end the process between calls: no call is lost then.
process.on('exit', () => {
  if (!host.isInCall && unsent === 0 && outcomes.writable) port.send([FrameKind.ended]);
});
// A terminal, a service manager and nodemon signal the whole group; the parent decides when its workers end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])
  process.on(signal, () => undefined);
