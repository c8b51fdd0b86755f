import { deepStrictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { shutdownExecutors } from 'offloop';
import { echoInProcess, echoInThread } from './services';

afterAll(() => shutdownExecutors());

const key = fc.string({ maxLength: 5 });

/** Random values of what structured clone knows, nested, with shared parts. */
const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(/a+/g, /^b$/iu),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.uint8Array(),
    fc.float64Array(),
    fc.bigInt64Array(),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes).buffer),
    fc.webUrl().map((text) => new URL(text)),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 4, noNullPrototype: false }),
    fc.array(fc.tuple(tie('node'), tie('node')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('node'), { maxLength: 3 }).map((items) => new Set(items)),
    tie('node').map((shared) => [shared, shared, { shared }]),
    fc.array(tie('leaf'), { maxLength: 3 }).map((items) => {
      const cyclic: unknown[] = [...items];
      cyclic.push({ cyclic });
      return cyclic;
    }),
    fc.string().map((message) => new RangeError(message, { cause: { message } })),
  ),
})).node;

/** Errors compare by what they say: their stacks hold the way that they went. */
function comparable(part: unknown, seen = new Map<object, unknown>()): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (seen.has(part)) return seen.get(part);
  if (part instanceof Error)
    return { error: part.constructor.name, message: part.message, cause: part.cause };
  // Two invalid dates are never equal.
  if (part instanceof Date) return { date: part.getTime() };
  if (Array.isArray(part)) {
    const copy: unknown[] = [];
    seen.set(part, copy);
    for (const item of part) copy.push(comparable(item, seen));
    return copy;
  }
  if (part instanceof Map) {
    const copy: unknown[] = [Map];
    seen.set(part, copy);
    for (const [each, item] of part) copy.push([comparable(each, seen), comparable(item, seen)]);
    return copy;
  }
  if (part instanceof Set) {
    const copy: unknown[] = [Set];
    seen.set(part, copy);
    for (const item of part) copy.push(comparable(item, seen));
    return copy;
  }
  const prototype = Object.getPrototypeOf(part) as object | null;
  if (prototype !== Object.prototype && prototype !== null) return part;
  const copy = Object.create(prototype) as Record<string, unknown>;
  seen.set(part, copy);
  for (const name of Object.keys(part)) {
    const item = comparable((part as Record<string, unknown>)[name], seen);
    Object.defineProperty(copy, name, { value: item, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

it.each([
  ['threads', echoInThread],
  ['processes', echoInProcess],
])('random values come back as they were, %s', async (_, echo) => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async (values) => {
      deepStrictEqual(comparable(await echo(values)), comparable(values));
    }),
    { numRuns: 150 },
  );
});
