import 'reflect-metadata';
import { InvalidExecutorError } from '../calls/errors';
import { threadScheduler, type Scheduler } from '../cooperative/scheduler';
import { currentContainer } from './current-container';
import { findRegistration } from './registrations';
import { executorToken } from './tokens';

const token = executorToken('cooperative');
const schedulers = new WeakMap<object, Scheduler>();

/**
 * The scheduler that the container in effect has under the name `'cooperative'`, one per registration; that of
 * the thread when it has none.
 *
 * @throws {@link InvalidExecutorError} when what is registered is no scheduler
 */
export function resolveScheduler(caller: string): Scheduler {
  const found = findRegistration(currentContainer(), token);
  if (!found) return threadScheduler;
  const key = found.registration ?? found.owner;
  let scheduler = schedulers.get(key);
  if (!scheduler) {
    scheduler = found.owner.resolve<Scheduler>(token);
    if (typeof (scheduler as { add?: unknown }).add !== 'function') {
      throw new InvalidExecutorError(
        `${caller}: what is registered as 'cooperative' is no scheduler: expected an object with an add(task) method. ` +
          `Register a class that extends Scheduler.`,
      );
    }
    schedulers.set(key, scheduler);
  }
  return scheduler;
}
