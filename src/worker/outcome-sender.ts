import type { Callable } from '../calls/callable';
import { CallableNotFoundError, WorkerImportError, WorkerStartError } from '../calls/errors';
import { FrameKind, OutcomeStatus, type OutcomeFrame } from '../calls/wire/frames';
import { encodePayload, postPayload, refusalOf, type Post } from '../calls/values/payload';
import { resultRefusal } from '../calls/refusals';
import type { HostPort } from './host-port';
import { sendError } from '../calls/wire/send-error';

/** Sends what became of calls. It never throws: what cannot be sent is answered by an error that says so. */
export class OutcomeSender {
  constructor(private readonly port: HostPort) {}

  fulfill(id: number, callable: Callable, value: unknown, ms: number): void {
    try {
      if (this.port.fulfillSmall(id, value, ms)) return;
      const { sharedMemory } = this.port;
      const payload = encodePayload(value, { root: 'result', sharedMemory });
      const { patches, transfer } = payload;
      const frameOf = (result: unknown): OutcomeFrame => [
        FrameKind.outcome,
        id,
        OutcomeStatus.fulfilled,
        result,
        patches,
        ms,
      ];
      if (patches && !transfer && this.port.sendSmall(frameOf(payload.value))) return;
      const post: Post = (result, moved) => this.port.send(frameOf(result), moved);
      if (sharedMemory) postPayload(payload, post);
      else post(payload.value, transfer);
    } catch (cause) {
      this.fail(id, resultRefusal(callable.name, refusalOf(cause, value, 'result')), ms);
    }
  }

  fail(id: number, error: unknown, ms: number, status: number = OutcomeStatus.rejected): void {
    sendError(error, this.port.sharedMemory, (value, patches) => {
      const frame: OutcomeFrame = [FrameKind.outcome, id, status, value, patches, ms];
      if (!this.port.sendSmall(frame)) this.port.send(frame);
    });
  }

  /** What a call needs could not be loaded. */
  failToLoad(id: number, error: unknown, ms: number): void {
    const isImport = error instanceof WorkerImportError || error instanceof WorkerStartError;
    const isFound = isImport && !(error instanceof CallableNotFoundError);
    this.fail(id, error, ms, isFound ? OutcomeStatus.importFailed : OutcomeStatus.rejected);
  }
}
