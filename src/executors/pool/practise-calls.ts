import { Call } from '../../calls/call';
import type { Callable } from '../../calls/callable';
import { setImmediate } from '../../calls/clock';
import { once } from '../../calls/once';
import type { Link, LinkEvents } from '../links/link';
import { WorkerPool } from './worker-pool';

/** So often that the engine takes notice of all that a call comes by. */
const TURNS = 64;

/** A worker that is made up: the calls that it is sent end when it is told so. */
class PractiseLink implements Link {
  readonly hasReadAll = true;
  readonly hasRoom = true;
  #sent: number[] = [];

  constructor(private readonly events: LinkEvents) {}

  send(calls: readonly { readonly id: number }[]): [] {
    for (const { id } of calls) this.#sent.push(id);
    return [];
  }

  start(): void {
    this.events.onReady();
  }

  answer(): void {
    for (const id of this.#sent.splice(0)) this.events.onFulfilled(id, undefined, 0);
    this.events.onDrained();
  }

  close(): void {
    this.events.onClosed();
  }

  collect(): void {}
  takeBack(): void {}
  abort(): void {}
  terminate(): void {}
  setReferenced(): void {}
}

const limits = {
  minWorkers: 0,
  maxWorkers: 1,
  idleTimeoutMs: Infinity,
  startTimeoutMs: Infinity,
  maxQueue: Infinity,
  maxCallsPerWorker: Infinity,
  startMs: Infinity,
  mostAhead: 1,
  sharedMemory: true,
};

const callable: Callable = {
  index: 0,
  name: '',
  descriptor: { module: '', className: '', ordinal: 0, sources: [], kind: 'function', method: '' },
  fn: () => undefined,
  owner: undefined,
};

/**
 * Soon makes calls, one at a time, of a pool that is made up. The engine compiles the way of a call for what it has
 * seen of it; many calls at once hardly ever meet an idle worker, and the first that did so would have all of that
 * way compiled anew. The first worker of a process takes a while to start, and this one has nothing to do meanwhile.
 */
export const practiseCallsSoon = once((starting: Link) => setImmediate(practiseCalls, starting));

function practiseCalls(starting: Link): void {
  let link!: PractiseLink;
  const openLink = (events: LinkEvents): Link => (link = new PractiseLink(events));
  const pool = new WorkerPool(limits, { name: '', openLink, onChange: () => undefined });
  const call = new Call(callable, undefined, [], {}, 'none');
  for (let turn = 0; turn < TURNS; turn++) {
    void pool.submit(call, call.envelope(limits));
    if (turn === 0) link.start();
    link.answer();
    // As a link does that sends a call which is alone.
    starting.send([]);
  }
  pool.close();
}
