import type * as assert from 'node:assert';
import { withoutOwnFrames } from '../caller-stack';
import { defineField, defineHidden } from './define-field';
import { errorClasses } from '../errors';
import { messageOf } from '../message-of';
import { findPortable, isTransient } from './portable';
import type { ClassDescriptor } from '../callable';

/** An error as plain data. */
export interface ErrorData {
  /** The built-in or offloop class to rebuild it from. */
  readonly base: string;
  readonly name: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields?: Record<string, unknown>;
  readonly hidden?: Record<string, unknown>;
}

/** The parts of an error that hold further values, and need encoding in their turn. */
interface NestedData {
  /** What does not show: a cause, the errors of an aggregate, and what libraries keep so. */
  hidden: Record<string, unknown>;
  fields: Record<string, unknown>;
}

type ErrorClass = new (...args: never[]) => Error;

const builtIns: Record<string, ErrorClass> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  // From Node.js 24 on.
  ...('SuppressedError' in globalThis && { SuppressedError }),
  DOMException,
  get AssertionError() {
    // Only now: it is large, and seldom needed.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return (require('node:assert') as typeof assert).AssertionError as ErrorClass;
  },
  ...errorClasses,
};

const ownParts = new Set(['name', 'message', 'stack']);

/** Reads a property that may be a throwing getter. */
export function readProperty(error: object, key: string): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Of what shows: a name, or the message of an error that was made without, is a field when it was assigned. */
function isAssigned(error: Error, key: string): boolean {
  return key !== 'stack' && text(readProperty(error, key)) !== undefined;
}

function stackOf(error: Error): string | undefined {
  const stack = text(readProperty(error, 'stack'));
  return stack === undefined ? undefined : withoutOwnFrames(stack);
}

/** Beside the classes of the language: others may have one of the same name, which is told by the code. */
const codes: Record<string, string> = { AssertionError: 'ERR_ASSERTION' };
for (const name of Object.keys(errorClasses)) codes[name] = 'ERR_OFFLOOP_';

function isBuiltIn(name: string, ofClass: unknown, code: string): boolean {
  if (!Object.hasOwn(builtIns, name)) return false;
  return !Object.hasOwn(codes, name) || code.startsWith(codes[name]) || ofClass === builtIns[name];
}

/** The nearest class of an error that both sides have; names, not identities: realms differ under Jest. */
function baseOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException';
  const code = text(readProperty(error, 'code')) ?? '';
  for (
    let level = Object.getPrototypeOf(error) as object | null;
    level;
    level = Object.getPrototypeOf(level) as object | null
  ) {
    const name: unknown = Object.hasOwn(level, 'constructor') ? level.constructor.name : undefined;
    if (typeof name === 'string' && isBuiltIn(name, level.constructor, code)) return name;
  }
  return 'Error';
}

/** Describes an error as data, and apart from it the parts that hold further values. */
export function describeError(
  error: Error,
  portable: ClassDescriptor | undefined,
): ErrorData & { nested: NestedData } {
  const base = baseOf(error);
  const nested: NestedData = { hidden: {}, fields: {} };
  for (const key of Object.getOwnPropertyNames(error)) {
    const isShown = Object.prototype.propertyIsEnumerable.call(error, key);
    if (ownParts.has(key) && !(isShown && isAssigned(error, key))) continue;
    if (portable && isTransient(error, key)) continue;
    const value = readProperty(error, key);
    // One that does not show is a method of its own.
    if (isShown || typeof value !== 'function')
      defineField(nested[isShown ? 'fields' : 'hidden'], key, value);
  }
  const className = text(readProperty(error.constructor ?? {}, 'name'));
  const plainName = text(readProperty(error, 'name'));
  const name = portable || plainName !== base ? plainName : (telling(className, base) ?? plainName);
  const message = readProperty(error, 'message') ?? '';
  return {
    base,
    name,
    message: messageOf(message),
    stack: stackOf(error),
    nested,
  };
}

/**
 * The name of a class that the other side cannot have, when the error itself goes by that of its base: so it
 * keeps at least the name. Node.js's own classes of coded errors say less than what they extend.
 */
function telling(className: string | undefined, base: string): string | undefined {
  const own = className && className !== 'NodeError' && className !== 'SystemError';
  return own && base !== 'DOMException' ? className : undefined;
}

/**
 * Makes the error object, still empty: other values may refer to it before it is filled.
 *
 * @param of - its portable class, if it has one
 */
export function allocateError(data: ErrorData, of?: ClassDescriptor): Error {
  const base = Object.hasOwn(builtIns, data.base) ? builtIns[data.base] : Error;
  const target = (of ? findPortable(of) : base) as ErrorClass;
  if (base === (DOMException as unknown))
    return Reflect.construct(DOMException, [data.message, data.name], target) as DOMException;
  const { stackTraceLimit } = Error;
  try {
    // It gets the stack of the place where it was thrown: to capture one here would take longer than all the rest.
    Error.stackTraceLimit = 0;
    return Reflect.construct<never[], Error>(Error, [] as never[], target);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Fills an error made by {@link allocateError}. */
export function fillError(error: Error, data: ErrorData): void {
  if (!(error instanceof DOMException)) {
    defineHidden(error, 'message', data.message);
    if (data.name !== undefined && data.name !== error.name) defineHidden(error, 'name', data.name);
  }
  for (const [key, value] of Object.entries(data.fields ?? {})) defineField(error, key, value);
  defineHidden(error, 'stack', data.stack ?? `${error.name}: ${error.message}`);
  for (const [key, value] of Object.entries(data.hidden ?? {})) defineHidden(error, key, value);
}
