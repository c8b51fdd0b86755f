/** What runs in a thread of piscina: its default function is one session, and ends when the link is closed. */
import type { TransferListItem } from 'node:worker_threads';
import { FrameKind, LOOK, RETIRE, WAKE, type Frame, type ThreadSession } from '../calls/frames';
import { becomeWorker } from '../calls/host-state';
import { SharedLane } from '../calls/shared-lane';
import { disposeContainer } from '../di/worker-container';
import { flushOutput } from './flush-output';
import { Host } from './host';
import { Importer } from './importer';
import { LaneInbox } from './lane-inbox';
import { Lingerer } from './lingerer';
import { Reporter } from './reporter';

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
  let end!: (isLast: boolean) => void;
  const ended = new Promise<boolean>((resolve) => (end = resolve));
  const receive = (frame: Frame): void => {
    if (frame[0] === FrameKind.close) end(frame[1] as boolean);
    else host.receive(frame);
  };
  const inbox = new LaneInbox(lane, port, receive);
  const reporter = new Reporter(lane, () => port.postMessage(LOOK));
  const lingerer = new Lingerer(
    lane,
    () => host.run(),
    () => host.isRunning,
  );
  port.on('message', (message: Frame | typeof LOOK) => {
    lingerer.woken();
    if (message !== LOOK) receive(message);
    host.run();
  });
  const report = (): void => reporter.report();
  await host.start(
    {
      take: (frames) => inbox.take(frames),
      begin: (id, callable, now) => {
        if (!lane.claims.begin(id)) return false;
        reporter.begins(callable, now);
        return true;
      },
      fulfillSmall: (id, value, ms) => {
        if (!lane.outcomes.write(id, value, ms)) return false;
        reporter.ended(ms);
        return true;
      },
      send: (frame: Frame, transfer?: readonly TransferListItem[]) => port.postMessage(frame, transfer),
      sharedMemory: true,
      onAway: report,
      onIdle: () => {
        report();
        lingerer.linger();
      },
      receiveAbort: (id) => {
        if (lane.isAborted(id)) while (inbox.receivePosted());
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
