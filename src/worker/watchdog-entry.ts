/**
 * The watchdog thread of a child process: it is awake while a call holds the child's own thread. It gives back
 * the calls that wait behind a long one, and ends the child when the parent has died, which a child that spins
 * cannot see.
 */
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Claims } from '../calls/wire/claims';
import { idsToBytes, PipeFd, readIds } from '../calls/wire/pipes';

/** For how long a child whose parent has ended may give no sign that it is about to end by itself. */
const FAREWELL_MS = 200;

const claims = new Claims(workerData as SharedArrayBuffer);
const parent = new Socket({ fd: PipeFd.watchdog, readable: true, writable: true });

parent.on(
  'data',
  readIds((ids) => {
    const taken = ids.filter((id) => claims.takeBack(id));
    if (taken.length > 0) parent.write(idsToBytes(taken));
  }),
);
parent.on('error', leave);
parent.on('end', leave);

function leave(): void {
  const end = setTimeout(() => process.kill(process.pid, 'SIGKILL'), FAREWELL_MS);
  parentPort?.on('message', () => end.refresh());
}
