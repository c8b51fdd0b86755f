import { Call } from '../calls/call';
import { knownCallables } from '../calls/callable';
import { refuseWhileImporting } from '../calls/import-refusal';
import { ThreadExecutor } from '../executors/thread-executor';

/**
 * Proves that workers find every decorated method and wrapped function that this process knows: a real
 * worker imports each module and looks each of them up, without calling any. Meant for start-up, or a test.
 *
 * @throws {@link WorkerImportError} where a worker runs it as it imports the program, which lacks its guard
 * @throws AggregateError with one error per method that was not found, each with the mend; their messages are
 *   in its own
 * @example await verifyExecutors();
 */
export async function verifyExecutors(): Promise<void> {
  refuseWhileImporting('verifyExecutors');
  const executor = new ThreadExecutor({ maxWorkers: 1 });
  try {
    const probes = knownCallables().map((callable) =>
      executor.submit(new Call(callable, undefined, [], {}, 'probe')),
    );
    const outcomes = await Promise.allSettled(probes);
    const errors = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as Error] : [],
    );
    if (errors.length === 0) return;
    const list = errors.map(({ message }) => `- ${message}`).join('\n');
    throw new AggregateError(
      errors,
      `${errors.length} of ${probes.length} methods cannot be run by workers:\n${list}`,
    );
  } finally {
    await executor.shutdown();
  }
}
