/**
 * The watchdog thread of a child process: it is awake while a call holds the child's own thread. It gives back
 * the calls that wait behind a long one, and ends the child when the parent has died, which a child that spins
 * cannot see.
 */
import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { Claims } from '../calls/claims';
import { PipeFd } from '../calls/pipes';

/** How long a child may take to end by itself when its parent has ended. */
const FAREWELL_MS = 200;

const claims = new Claims(workerData as SharedArrayBuffer);
const parent = new Socket({ fd: PipeFd.watchdog, readable: true, writable: true });
let rest = Buffer.alloc(0);

parent.on('data', (chunk: Buffer) => {
  rest = Buffer.concat([rest, chunk]);
  const taken: number[] = [];
  for (; rest.length >= 4; rest = rest.subarray(4)) {
    const id = rest.readUInt32LE(0);
    if (claims.takeBack(id)) taken.push(id);
  }
  if (taken.length > 0) parent.write(Buffer.from(Uint32Array.from(taken).buffer));
});
parent.on('error', leave);
parent.on('end', leave);

function leave(): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FAREWELL_MS);
}
