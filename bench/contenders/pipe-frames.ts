import type { Readable } from 'node:stream';
import { deserialize } from 'node:v8';

/** Cuts a stream into frames of a length and a body. */
export function readFrames(stream: Readable, onFrame: (frame: unknown[]) => void): void {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 4;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks, size);
    needed = 4;
    while (rest.length >= 4) {
      needed = 4 + rest.readUInt32LE(0);
      if (rest.length < needed) break;
      onFrame(deserialize(rest.subarray(4, needed)) as unknown[]);
      rest = rest.subarray(needed);
      needed = 4;
    }
    chunks = rest.length > 0 ? [rest] : [];
    size = rest.length;
  });
}
