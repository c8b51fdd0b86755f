import { decodeError } from '../../calls/values/decode-error';
import { OutcomeStatus } from '../../calls/wire/frames';
import { decodePayload, type Patch } from '../../calls/values/payload';
import { resultRefusal } from '../../calls/refusals';
import type { CallCosts } from './call-costs';
import type { Dispatcher } from './dispatcher';
import type { PendingCall, PendingCallOwner } from './pending-call';
import type { PoolFailures } from './pool-failures';
import type { PoolWorker } from './pool-worker';

/** From what a worker answers to the caller; and from the caller who no longer waits to the worker. */
export class PoolOutcomes implements PendingCallOwner {
  countFulfilled = 0;
  countRejected = 0;
  /** What rejects the calls that workers give back, once they are not to run any more. */
  cancelWith: ((call: PendingCall) => Error) | undefined;

  /** @param onChange - told that a call has ended */
  constructor(
    private readonly costs: CallCosts,
    private readonly dispatcher: Dispatcher,
    private readonly failures: PoolFailures,
    private readonly onChange: () => void,
  ) {}

  fulfilled(worker: PoolWorker, id: number, value: unknown, ms: number): void {
    this.#ended(worker, id, ms)?.fulfill(value);
  }

  /** A call has ended, with a value that is not decoded yet. */
  settled(
    worker: PoolWorker,
    id: number,
    status: number,
    value: unknown,
    patches: readonly Patch[] | undefined,
    ms: number,
  ): void {
    const call = this.#ended(worker, id, ms);
    if (!call) return;
    if (status === OutcomeStatus.fulfilled) {
      this.#fulfill(call, value, patches);
      return;
    }
    const error = decodeError(value, patches);
    call.fail(error);
    if (status === OutcomeStatus.importFailed) this.failures.importFailed(worker, call, error);
  }

  #fulfill(call: PendingCall, value: unknown, patches: readonly Patch[] | undefined): void {
    let result: unknown;
    try {
      result = decodePayload(value, patches);
    } catch (error) {
      call.fail(error);
      return;
    }
    call.fulfill(result);
  }

  /** The oldest call has ended: all before it, which ended before, are settled. */
  unreadable(worker: PoolWorker, cause: unknown): void {
    const { head } = worker;
    if (head) this.#ended(worker, head.id, 0)?.fail(resultRefusal(head.name, cause));
  }

  /** A call has ended in its worker; returns it if its caller still waits. */
  #ended(worker: PoolWorker, id: number, ms: number): PendingCall | undefined {
    const call = worker.callOf(id);
    if (!call) return undefined;
    worker.ended(call);
    this.costs.note(call.callable.index, ms);
    this.dispatcher.leave(call);
    return call.settled ? undefined : call;
  }

  /** Rejects calls that have not begun, once none is to begin any more. */
  cancel(calls: readonly PendingCall[]): void {
    const { cancelWith } = this;
    if (cancelWith) for (const call of calls) if (!call.settled) call.fail(cancelWith(call));
  }

  /** These calls had not begun, and never will there. */
  takenBack(worker: PoolWorker, ids: readonly number[]): void {
    const again: PendingCall[] = [];
    for (const id of [...ids].sort((left, right) => left - right)) {
      const call = worker.callOf(id);
      if (!call) continue;
      worker.sent--;
      this.cancel([call]);
      if (call.settled) this.dispatcher.leave(call);
      else again.push(call);
    }
    if (again.length > 0) this.dispatcher.again(again);
  }

  /** A call's caller has been answered. */
  onSettled(call: PendingCall, fulfilled: boolean): void {
    if (fulfilled) {
      // Its worker is about to be looked at.
      this.countFulfilled++;
      return;
    }
    this.countRejected++;
    if (call.isWaiting) this.dispatcher.queue.settled(call);
    if (!call.worker) this.onChange();
  }

  /** A call's caller no longer waits: the call is taken back, or its worker stops it. */
  onGivenUp(call: PendingCall, reason: unknown): void {
    const { worker } = call;
    if (!worker) return;
    worker.link.takeBack([call.id]);
    if (!call.worker) return;
    try {
      worker.link.abort(call.id, reason);
    } catch (error) {
      worker.link.abort(call.id, new Error(`the reason could not be copied: ${(error as Error).message}`));
    }
    // The slot is taken until the worker is really free; if it is not in time, it is ended.
    call.afterGrace(() => worker.link.terminate());
  }
}
