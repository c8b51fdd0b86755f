import type { Socket, SocketConstructorOpts } from 'node:net';

/** Where bytes go that come over a pipe. */
export interface PipeReader {
  /** Memory to read the next bytes to. */
  room(): Buffer;
  /** They have come, to there or to memory of their own. */
  push(chunk: Buffer): void;
}

/**
 * Reads a child's pipe to memory of the reader's, where large arrays stay; returns the socket to go on with. Node.js
 * lets who opens a socket say where it reads to (`onread`). It opens those of a child by itself: without their handle,
 * which it does not document, it brings each chunk in memory of its own, which takes up to a quarter longer.
 */
export function readPipe(pipe: Socket, reader: PipeReader): Socket {
  const owner = pipe as { _handle?: object | null };
  const handle = owner._handle;
  if (!handle) return pipe.on('data', (chunk: Buffer) => reader.push(chunk));
  owner._handle = null;
  pipe.destroy();
  // Its own class: a test may have put another in the place of that of `node:net`.
  return new (pipe.constructor as typeof Socket)({
    handle,
    writable: false,
    onread: {
      buffer: () => reader.room(),
      callback: (length: number, memory: Buffer) => {
        reader.push(memory.subarray(0, length));
        return true;
      },
    },
  } as SocketConstructorOpts).resume();
}
