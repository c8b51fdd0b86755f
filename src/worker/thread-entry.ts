/** What runs in a thread of piscina: its default function is one session, and ends when the link is closed. */
import 'reflect-metadata';
import type { TransferListItem } from 'node:worker_threads';
import { FrameKind, OutcomeStatus, type Frame, type ThreadSession } from '../calls/frames';
import { becomeWorker } from '../calls/host-state';
import { SharedLane } from '../calls/shared-lane';
import { Host } from './host';

const host = new Host();
becomeWorker(host);

export default async function runSession({ port, memory, settings }: ThreadSession): Promise<void> {
  const lane = new SharedLane(memory);
  const ended = new Promise<void>((resolve) => {
    port.on('message', (frame: Frame) => {
      if (frame[0] === FrameKind.close) resolve();
      else host.receive(frame);
    });
  });
  const send = (frame: Frame, transfer?: readonly TransferListItem[]): void =>
    port.postMessage(frame, transfer);
  await host.start(
    {
      begin: (id) => lane.begin(id),
      fulfillSmall: (id, value) => {
        // A message wakes the executor if it sleeps; it may as well carry the outcome.
        if (isPrimitive(value) && lane.mustWake())
          send([FrameKind.outcome, id, OutcomeStatus.fulfilled, value, undefined]);
        else return lane.push(id, value);
        return true;
      },
      send,
    },
    settings,
  );
  await ended;
  port.close();
}

function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return value === null || (type !== 'object' && type !== 'function' && type !== 'symbol');
}
