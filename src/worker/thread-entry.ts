/** What runs in a thread of piscina: its default function starts the host, whose calls come over a port of its own. */
import type { ThreadStart } from '../calls/wire/frames';
import { becomeWorker } from '../calls/host-state';
import { SharedLane } from '../calls/wire/shared-lane';
import { disposeContainer } from '../di/worker-container';
import { exit, flushOutput } from './flush-output';
import { Host } from './host';
import { Importer } from './importer';
import { ThreadPort } from './thread-port';

const importer = new Importer();
becomeWorker(importer);
const host = new Host(importer);

export default async function start({ port, memory, settings }: ThreadStart): Promise<void> {
  const onClose = (): void =>
    void disposeContainer().then(
      () => leave(0),
      () => leave(1),
    );
  await host.start(new ThreadPort(host, new SharedLane(memory), port, onClose), settings);
}

async function leave(code: number): Promise<never> {
  await flushOutput();
  exit(code);
}
