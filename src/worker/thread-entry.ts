/** What runs in a thread of piscina: its default function is one session, and ends when the link is closed. */
import { receiveMessageOnPort, type TransferListItem } from 'node:worker_threads';
import { FrameKind, OutcomeStatus, RETIRE, WAKE, type Frame, type ThreadSession } from '../calls/frames';
import { becomeWorker } from '../calls/host-state';
import { SharedLane } from '../calls/shared-lane';
import { disposeContainer } from '../di/worker-container';
import { flushOutput } from './flush-output';
import { Host } from './host';
import { Importer } from './importer';
import { Lingerer } from './lingerer';

const importer = new Importer();
becomeWorker(importer);
const host = new Host(importer);

export default async function runSession(
  session: ThreadSession | typeof RETIRE | typeof WAKE,
): Promise<void> {
  if (session === RETIRE) return retire();
  if (session === WAKE) return;
  const { port, memory, settings } = session;
  const lane = new SharedLane(memory);
  let receive!: (frame: Frame) => void;
  const ended = new Promise<boolean>((resolve) => {
    receive = (frame) => {
      if (frame[0] === FrameKind.close) resolve(frame[1] as boolean);
      else host.receive(frame);
    };
  });
  const lingerer = new Lingerer(
    () => {
      const entry = receiveMessageOnPort(port);
      if (entry) receive(entry.message as Frame);
      return entry !== undefined;
    },
    () => host.isRunning,
    (lingering) => lane.setLingering(lingering),
  );
  port.on('message', (frame: Frame) => {
    lingerer.woken();
    receive(frame);
  });
  const send = (frame: Frame, transfer?: readonly TransferListItem[]): void =>
    port.postMessage(frame, transfer);
  await host.start(
    {
      begin: (id) => lane.claims.begin(id),
      fulfillSmall: (id, value) => {
        // A message wakes the executor if it sleeps; it may as well carry the outcome.
        if (isPrimitive(value) && lane.mustWake())
          send([FrameKind.outcome, id, OutcomeStatus.fulfilled, value, undefined]);
        else return lane.push(id, value);
        return true;
      },
      send,
      sharedMemory: true,
      onIdle: () => lingerer.linger(),
      receiveAbort: (id) => {
        if (!lane.isAborted(id)) return;
        for (let entry = receiveMessageOnPort(port); entry; entry = receiveMessageOnPort(port))
          receive(entry.message as Frame);
      },
    },
    settings,
  );
  const isLast = await ended;
  port.close();
  if (isLast) await retire();
}

/**
 * Closes what the thread's container holds, and ends the thread within the task: were the task to end first,
 * piscina would hand the thread another one.
 */
async function retire(): Promise<never> {
  await disposeContainer();
  await flushOutput();
  process.exit(0);
}

function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return value === null || (type !== 'object' && type !== 'function' && type !== 'symbol');
}
