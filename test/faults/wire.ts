import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { execArgv } from '../support/executors';

/** The wire as it is documented in the source, written down once more: what a forger would know. */
export const Kind = { call: 0, abort: 1, close: 2, ready: 3, outcome: 5, start: 6 } as const;
export const SMALL_OUTCOME = 1;
export const WITH_PARTS = 2;
export const SMALL_CALLS = 3;
const DISGUISE = 0x6c66666f;

export const entries = join(dirname(require.resolve('offloop')), 'worker');

export function framed(body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE((body.length ^ DISGUISE) >>> 0, 4);
  return Buffer.concat([header, body]);
}

/** A frame with an array of bytes beside it. */
export function framedWith(part: Buffer, body: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt8(WITH_PARTS, 0);
  head.writeUInt32LE(1, 1);
  head.writeDoubleLE(part.length, 5);
  return Buffer.concat([framed(Buffer.concat([head, body])), part]);
}

export const toBytes = (frame: unknown): Buffer => framed(serialize(frame));

export interface Forged {
  readonly module: string;
  readonly className: string;
  readonly ordinal: number;
  readonly sources: readonly number[];
  readonly kind: string;
  readonly method: string;
}

/** A call frame with one call. */
export const callFrame = (
  id: number,
  callable: Forged,
  args: unknown = [],
  patches?: unknown,
  receiver?: unknown,
): unknown => [Kind.call, id, [id, callable], args, patches, receiver];

/** The memory beside a thread's port; `announce` says that so many frames with one call each were posted. */
export function makeLane(): { memory: SharedArrayBuffer; announce(frames: number): void } {
  const memory = new SharedArrayBuffer(128 * 1024);
  const states = 64;
  const claims = 256;
  const aborts = 256;
  const ring = new Int32Array(memory, (states + claims + aborts) * 4);
  const records = 64;
  return {
    memory,
    announce: (frames) => {
      for (let frame = 0; frame < frames; frame++) {
        ring[records + 2 * frame] = frame + 1;
        ring[records + 2 * frame + 1] = -1;
      }
      Atomics.store(ring, 0, 2 * frames);
    },
  };
}

/** A worker process whose executor is the test. */
export class WireWorker {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly outcomes = new Map<number, { status: number; value: unknown }>();
  readonly #calls: Duplex;
  #rest = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor() {
    this.child = spawn(process.execPath, [...execArgv, join(entries, 'process-entry.js')], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const pipes = this.child.stdio as unknown as Duplex[];
    this.#calls = pipes[3];
    for (const pipe of pipes.slice(3)) pipe.on('error', () => undefined);
    pipes[4].on('data', (chunk: Buffer) => this.#receive(chunk));
    this.exited = once(this.child, 'exit').then(() => this.#wake());
    this.write(toBytes([Kind.start, { setup: undefined, loader: undefined, underTest: true }]));
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  write(bytes: Buffer): void {
    this.#calls.write(bytes);
  }

  send(frame: unknown): void {
    this.write(toBytes(frame));
  }

  /** The outcome of a call; undefined when the worker ends without one. */
  async outcome(id: number): Promise<{ status: number; value: unknown } | undefined> {
    while (!this.outcomes.has(id) && !this.hasExited) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.outcomes.get(id);
  }

  async close(): Promise<void> {
    this.send([Kind.close]);
    this.#calls.end();
    await this.exited;
  }

  #receive(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 8 && this.#rest.length >= 8 + this.#rest.readUInt32LE(0)) {
      const body = this.#rest.subarray(8, 8 + this.#rest.readUInt32LE(0));
      this.#rest = this.#rest.subarray(8 + body.length);
      if (body[0] !== 0xff) {
        // A negative time says that the status follows, a small integer above its tag.
        const status = body.readInt32LE(8) < 0 ? body.readInt32LE(12) >> 4 : 0;
        this.outcomes.set(body.readUInt32LE(4), { status, value: body.subarray(12) });
      } else {
        const frame = deserialize(body) as unknown[];
        if (frame[0] === Kind.outcome)
          this.outcomes.set(frame[1] as number, { status: frame[2] as number, value: frame[3] });
      }
    }
    this.#wake();
  }
}
