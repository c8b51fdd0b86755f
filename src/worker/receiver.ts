import { types } from 'node:util';
import type { Callable } from '../calls/callable';
import { defineField } from '../calls/values/define-field';
import { findClass } from '../calls/find-callable';
import { decodePayload } from '../calls/values/payload';
import { instanceWith, revive } from '../calls/values/portable';
import type { ReceiverData } from '../calls/receiver';
import { resolveReceiver } from '../di/worker-container';

/** Builds what `this` is for a call in this worker. */
export function buildReceiver(callable: Callable, data: ReceiverData | undefined): unknown {
  const owner = callable.owner;
  if (!owner) return undefined;
  const isStatic = callable.descriptor.kind === 'static';
  if (!data) return isStatic ? owner : resolveReceiver(owner, callable.name);
  const [mode, of, value, patches] = data;
  if (mode === 'none') return undefined;
  const ofClass = of ? findClass(of, callable.name) : owner;
  if (isStatic) return ofClass;
  const fields = decodePayload(value, patches) as Record<string, unknown>;
  if (mode === 'resolve') return overlay(resolveReceiver(ofClass, callable.name), fields);
  if (mode === 'written') return revive(ofClass, fields);
  // Of a whole one, what it holds may refer to it.
  return mode === 'whole'
    ? Object.setPrototypeOf(fields, ofClass.prototype as object)
    : instanceWith(ofClass, fields);
}

/** The resolved instance with the caller's fields before it; itself, when they are the same. */
function overlay(resolved: object, fields: Record<string, unknown>): object {
  const own = resolved as Record<string, unknown>;
  const differing = Object.keys(fields).filter((key) => !Object.is(own[key], fields[key]));
  if (differing.length === 0) return resolved;
  const receiver = Object.create(resolved) as object;
  for (const key of differing) defineField(receiver, key, fields[key]);
  return receiver;
}

/** What V8 says when a `#private` name is used on an object that its class did not construct. */
const privateMisuse = /private (member|field|method|name)|must be (an instance of|class)/;

/** Adds to the engine's message why `this` lacks its `#private` state, and what to write. */
export function explainPrivate(error: unknown, callable: Callable, data: ReceiverData | undefined): unknown {
  // To ask a proxy for its class may throw.
  if (!data || !types.isNativeError(error) || !(error instanceof TypeError)) return error;
  if (!privateMisuse.test(error.message)) return error;
  const why =
    data[0] === 'resolve'
      ? `the caller's fields are laid over \`this\`, so that it lacks #private state: mark the fields that differ, as arrays and objects always do, with @Transient()`
      : `\`this\` is a copy, which has no #private state: give the class toPortable() and a static fromPortable(), or make it injectable`;
  error.message += ` (${callable.name}: ${why})`;
  return error;
}
