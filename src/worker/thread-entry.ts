/** What runs in a thread of piscina: its default function is one session, and ends when the link is closed. */
import { RETIRE, WAKE, type ThreadSession } from '../calls/frames';
import { becomeWorker } from '../calls/host-state';
import { SharedLane } from '../calls/shared-lane';
import { disposeContainer } from '../di/worker-container';
import { exit, flushOutput } from './flush-output';
import { Host } from './host';
import { Importer } from './importer';
import { ThreadPort } from './thread-port';

const importer = new Importer();
becomeWorker(importer);
const host = new Host(importer);

export default async function runSession(
  session: ThreadSession | typeof RETIRE | typeof WAKE,
): Promise<void> {
  if (session === RETIRE) return retire();
  if (session === WAKE) return;
  const { port, memory, settings } = session;
  const threadPort = new ThreadPort(host, new SharedLane(memory), port);
  await host.start(threadPort, settings);
  const isLast = await threadPort.ended;
  port.close();
  if (isLast) await retire();
}

/**
 * Closes what the thread's container holds, and ends the thread within the task, also when that fails: were the task
 * to end first, piscina would hand the thread another one, for which there is no container any more.
 */
async function retire(): Promise<never> {
  const code = await disposeContainer().then(
    () => 0,
    () => 1,
  );
  await flushOutput();
  exit(code);
}
