import type { AnyClass } from '../calls/callable';
import type { ReceiverMode } from '../calls/receiver';
import { classOf } from '../calls/values/user-classes';
import { currentContainer } from './current-container';
import { isInjectable } from './injectable';

/** What `this` is in the worker when the options do not say: resolved if tsyringe knows the class, else copied. */
export function receiverModeOf(receiver: unknown): ReceiverMode {
  return isInjectable(classOf(Object(receiver) as object) as AnyClass, currentContainer())
    ? 'resolve'
    : 'copy';
}
