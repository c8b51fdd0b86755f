/** What runs in a child process: frames come and go over the pipe that it inherited. */
import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { FrameReader, frameToBytes, PIPE_FD, smallOutcomeToBytes } from '../calls/frame-stream';
import { FrameKind, type Frame, type WorkerSettings } from '../calls/frames';
import { becomeWorker } from '../calls/host-state';
import { disposeContainer } from '../di/worker-container';
import { Host } from './host';
import { Importer } from './importer';

const importer = new Importer();
becomeWorker(importer);
const host = new Host(importer);

const pipe = new Socket({ fd: PIPE_FD, readable: true, writable: true });

/**
 * Writes at once, before the next call begins, so that an outcome is not lost with the process. What the
 * pipe does not take now is written when it has room; what follows has to queue up behind it.
 */
function write(bytes: Buffer): void {
  if (pipe.writableLength > 0) {
    pipe.write(Buffer.from(bytes));
    return;
  }
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(PIPE_FD, bytes, written);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    pipe.write(Buffer.from(bytes.subarray(written)));
  }
}

const port = {
  sharedMemory: false,
  begin: () => true,
  fulfillSmall: (id: number, value: unknown): boolean => {
    const bytes = smallOutcomeToBytes(id, value);
    if (bytes) write(bytes);
    return bytes !== undefined;
  },
  send: (frame: Frame): void => {
    for (const part of frameToBytes(frame)) write(part);
  },
};

const reader = new FrameReader((frame) => {
  if (frame[0] === FrameKind.start) {
    host.start(port, frame[1] as WorkerSettings).catch(() => leave(1));
  } else if (frame[0] === FrameKind.close) {
    disposeContainer().then(
      () => leave(0),
      () => leave(1),
    );
  } else host.receive(frame);
});

function leave(code: number): void {
  pipe.end(() => process.exit(code));
}

pipe.on('data', (chunk: Buffer) => reader.push(chunk));
// The parent has ended, or has closed its side: nobody waits for this process any more.
pipe.on('end', () => process.exit(0));
pipe.on('error', () => process.exit(0));
// Ctrl+C reaches the whole group; the parent decides when its workers end.
process.on('SIGINT', () => undefined);
