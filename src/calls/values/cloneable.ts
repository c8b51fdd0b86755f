import { types } from 'node:util';

/** Objects without parts of ours to look at, which both boundaries carry. */
export function isCarriedAsItIs(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    (types.isBoxedPrimitive(value) && !types.isSymbolObject(value))
  );
}

/** What a class may extend and boundaries carry: beside its fields it has what they do not show. */
export function isBuiltIn(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    isCarriedAsItIs(value) ||
    value instanceof URL ||
    value instanceof URLSearchParams ||
    value instanceof Blob
  );
}

const platformObjects = new Set(['BlockList', 'SocketAddress', 'X509Certificate']);
const movedObjects = /^(MessagePort|FileHandle|(Readable|Writable|Transform)Stream)$/;
const platformTag = /^\[object (CryptoKey|WebAssembly\.Module)\]$/;

/** An object that lost its prototype by hand may still be one of the language. */
export function isFieldsAlone(value: object): boolean {
  return !isBuiltIn(value) && !types.isNativeError(value) && !isOpaque(value);
}

/** Objects of Node.js that threads of one process can hand each other, some of them only by transfer. */
export function isPlatformObject(value: object): boolean {
  return (
    value instanceof Blob ||
    types.isKeyObject(value) ||
    platformObjects.has(value.constructor?.name) ||
    isMovedAlone(value) ||
    platformTag.test(tagOf(value))
  );
}

/** Those of them that a transfer list has to name. */
export function isMovedAlone(value: object): boolean {
  return movedObjects.test(value.constructor?.name);
}

/** What looks plain, and is refused by structured clone: who copies by hand has to ask. */
export function isDisguised(value: object): boolean {
  return types.isProxy(value) || types.isArgumentsObject(value);
}

/** Objects of the platform whose state cannot be read from outside: a copy of their fields would be empty. */
export function isOpaque(value: object): boolean {
  return (
    types.isSymbolObject(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    value instanceof WeakRef ||
    value instanceof EventTarget ||
    value instanceof AbortController ||
    isOpaqueByTag(value, tagOf(value))
  );
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function isOpaqueByTag(value: object, tag: string): boolean {
  // Most objects have none.
  return tag !== '[object Object]' && (opaqueTag.test(tag) || isOfFetch(value, tag));
}

/** What the language has beside, of which structured clone says the same. */
const opaqueTag =
  /^\[object (.* Iterator|Iterator Helper|(Intl|Temporal|WebAssembly)\..*|FinalizationRegistry|(Async)?DisposableStack)\]$/;

/** What to write instead of an opaque object, where that is not plain. */
export function opaqueMend(value: object): string | undefined {
  if (types.isProxy(value)) return 'it is a proxy: pass a copy, such as { ...it } or [...it]';
  if (types.isArgumentsObject(value)) return 'it is the `arguments` of a function: pass [...arguments]';
  if (Symbol.iterator in value) return 'pass what it gives, such as [...it]';
  if (value instanceof AbortController) return 'pass its signal, as an argument of its own';
  return value instanceof AbortSignal
    ? 'a signal is live in the worker only as an argument of its own'
    : undefined;
}

const fetchTag = /^\[object (Headers|Request|Response|FormData)\]$/;

/** An instance of a class of `fetch`. They are named only when it looks like one: Node.js then loads all of HTTP. */
function isOfFetch(value: object, tag: string): boolean {
  const [, name] = fetchTag.exec(tag) ?? [];
  return (
    name !== undefined && value instanceof (globalThis as unknown as Record<string, new () => object>)[name]
  );
}
