/** What runs in the worker of `asyncToSync`: calls come one at a time, while their caller's thread waits. */
import { workerData } from 'node:worker_threads';
import type { Frame } from '../calls/wire/frames';
import { becomeWorker } from '../calls/host-state';
import { OutcomeRecords } from '../calls/wire/outcome-records';
import { CRASHED, OUTPUT, SyncWord, type SyncSession } from '../calls/wire/sync-session';
import type { Transferable } from '../calls/values/transfer';
import { Host } from './host';
import { Importer } from './importer';
import { sendError } from '../calls/wire/send-error';
import { redirectOutput } from './sync-output';

const { port, outcomes: memory, words, settings } = workerData as SyncSession;
const importer = new Importer();
becomeWorker(importer);
const host = new Host(importer);
const outcomes = new OutcomeRecords(memory, 0);

function wake(): void {
  Atomics.add(words, SyncWord.sent, 1);
  Atomics.notify(words, SyncWord.sent);
}

// Who waits cannot tell a thread that begins late from one that never will, as where no more files may be opened.
wake();

function send(frame: Frame, transfer?: readonly Transferable[]): void {
  port.postMessage(frame, transfer);
  wake();
}

/** Something was written since the last call ended. */
let hasWritten = false;
redirectOutput((name, chunk, encoding) => {
  hasWritten = true;
  // Nobody is woken for it: who waits looks now and then.
  port.postMessage([OUTPUT, name, chunk, encoding]);
});

port.on('message', (frame: Frame) => host.receive(frame));
// A call that is too deep for the stack of this thread: whoever waits for it is told by the thread's end.
port.on('messageerror', (error) => {
  throw error;
});
process.on('uncaughtExceptionMonitor', (error) => {
  sendError(error, true, (value, patches) => send([CRASHED, value, patches]));
});
process.on('exit', (code) => {
  Atomics.store(words, SyncWord.exit, code + 1);
  wake();
});

host
  .start(
    {
      take: () => host.frames.take(),
      // Nobody takes a call back: its caller waits for it.
      begin: () => true,
      fulfillSmall: (id, value, ms) => {
        // Then over the port too, behind what was written: it is printed when the call returns.
        const isBehindOutput = hasWritten;
        hasWritten = false;
        if (isBehindOutput || !outcomes.write(id, value, ms)) return false;
        wake();
        return true;
      },
      // What was written before it is on the port, too.
      sendSmall: () => false,
      send,
      sharedMemory: true,
    },
    settings,
  )
  // The caller has been told.
  .catch(() => process.exit(1));
