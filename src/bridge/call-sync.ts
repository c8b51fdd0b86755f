import { channel } from 'node:diagnostics_channel';
import { addCallerStack } from '../calls/caller-stack';
import { now } from '../calls/clock';
import type { Call } from '../calls/call';
import type { WorkerSettings } from '../calls/wire/frames';
import { refuseWhileImporting } from '../calls/import-refusal';
import { outsideCalls } from '../calls/outside-calls';
import { warn } from '../calls/warn';
import { releaseEarlierFiles } from '../executors/earlier-files';
import { startError } from '../executors/pool-errors';
import { isUnderTest } from '../executors/pool-options';
import { workerSettings } from '../executors/links/worker-settings';
import type { SyncOptions } from './sync-options';
import { SyncWorker } from './sync-worker';

/** Told of each call: `{ name, blockedMs }`. */
const blocked = channel('offloop.sync.blocked');

/** The workers of this thread, by the settings that they have started with. */
const workers = new Map<string, SyncWorker>();

/** The worker that a view's last call went to: to look at the settings again would take longer than some calls. */
const lastWorkers = new WeakMap<SyncOptions, SyncWorker>();

function workerFor(options: SyncOptions, name: string): SyncWorker {
  const last = lastWorkers.get(options);
  if (last && !last.isOver) return last;
  const settings = workerSettings(options);
  const key = JSON.stringify(settings);
  if (workers.size === 0) {
    process.once('exit', printRest);
    if (isUnderTest) releaseEarlierFiles(ofThisFile);
  }
  let worker = workers.get(key);
  if (!worker || worker.isOver) workers.set(key, (worker = startWorker(settings, name)));
  lastWorkers.set(options, worker);
  return worker;
}

/** The system may have no room for a thread more. */
function startWorker(settings: WorkerSettings, name: string): SyncWorker {
  try {
    return outsideCalls(() => new SyncWorker(settings));
  } catch (cause) {
    throw startError('asyncToSync', name, cause);
  }
}

/** What workers have written after their last call: no turn of the loop will print it. */
function printRest(): void {
  for (const worker of workers.values()) worker.takeFrames();
}

/** Under a test runner, each file of which evaluates this anew: a view that is still called later starts others. */
const ofThisFile = {
  releaseWorkers(): void {
    printRest();
    for (const worker of workers.values()) worker.end();
  },
};

/** Makes a call in the worker of this thread, and waits for it in place. */
export function callSync(call: Call, options: SyncOptions, below: (...args: never[]) => unknown): unknown {
  refuseWhileImporting(call.name);
  call.signal?.throwIfAborted();
  const begin = now();
  try {
    const envelope = call.envelope();
    const timeoutMs = options.timeoutMs ?? call.options.timeoutMs ?? Infinity;
    for (;;) {
      const worker = workerFor(options, call.name);
      if (worker.send(call, envelope)) return worker.receive(call, timeoutMs);
      // It had ended since its last call: nothing has begun, and another one takes its place.
    }
  } catch (error) {
    addCallerStack(error, below);
    throw error;
  } finally {
    report(call, options, now() - begin);
  }
}

function report({ name }: Call, { warnAfterMs = Infinity }: SyncOptions, blockedMs: number): void {
  if (blocked.hasSubscribers) blocked.publish({ name, blockedMs });
  if (blockedMs <= warnAfterMs) return;
  warn(
    'OFFLOOP_SYNC_BLOCKED',
    `${name} blocked this thread for ${Math.round(blockedMs)} ms, longer than the warnAfterMs of ${warnAfterMs}: ` +
      `nothing else ran here meanwhile. Where the caller can be async, await the method itself.`,
  );
}
