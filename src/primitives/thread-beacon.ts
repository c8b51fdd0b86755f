/**
 * How one thread learns, at any moment and without its event loop, that another has died. Each worker thread
 * opens a file of its own and keeps it open; Node.js closes the files of a worker as it tears the thread down,
 * however it ended, and after its last line of JavaScript. Descriptors belong to the process, so any thread can
 * look: the file is still there, with the thread's token in it, or the thread is gone. The main thread needs
 * none: nobody outlives it.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { randomInt, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** A thread, as words of shared memory hold it. */
export interface Beacon {
  /** {@link LASTING}, or the descriptor plus two: zero is kept for "none". */
  readonly lamp: number;
  /** What the file holds: descriptors are used again. Never zero. */
  readonly token: number;
}

/** The lamp of a thread that is taken to live as long as the process does. */
const LASTING = 1;
const MAGIC = 0x0ff100b5;
const BYTES = 8;

let own: Beacon | undefined;
const seen = Buffer.alloc(BYTES);

/** The beacon of this thread, lit when it is first asked for. */
export function ownBeacon(): Beacon {
  return (own ??= light(randomInt(1, 2 ** 31)));
}

function light(token: number): Beacon {
  if (isMainThread) return { lamp: LASTING, token };
  const path = join(tmpdir(), `offloop-${process.pid}-${randomUUID()}`);
  let file: number | undefined;
  try {
    file = openSync(path, 'wx+', 0o600);
    // Only the descriptor is of use.
    unlinkSync(path);
    const bytes = Buffer.alloc(BYTES);
    bytes.writeInt32LE(MAGIC, 0);
    bytes.writeInt32LE(token, 4);
    writeSync(file, bytes, 0, BYTES, 0);
    return { lamp: file + 2, token };
  } catch {
    // Nowhere to write: the thread then counts as alive, and only what it holds as it dies is lost.
    if (file !== undefined) closeSync(file);
    return { lamp: LASTING, token };
  }
}

/** False once the thread of a beacon has died: none of its JavaScript runs any more. */
export function isLit(lamp: number, token: number): boolean {
  if (lamp === LASTING) return true;
  try {
    const bytes = readSync(lamp - 2, seen, 0, BYTES, 0);
    return bytes === BYTES && seen.readInt32LE(0) === MAGIC && seen.readInt32LE(4) === token;
  } catch {
    return false;
  }
}
