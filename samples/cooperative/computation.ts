import { readFileSync } from 'node:fs';
import { cooperative } from 'offloop';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const COUNTDOWN_FROM = 50_000_000;
const documentPath = require.resolve('@mdn/browser-compat-data');

/** A `yield` at every thousandth number. */
export function* countDown(): Generator<void, number, void> {
  let counter = COUNTDOWN_FROM;
  while (counter > 0) {
    if (counter % 1_000 === 0) yield;
    counter--;
  }
  return counter;
}

let loaded: Json | undefined;

/** Parses the document, once: one blocking call that no `yield` can divide (`samples/cpu` does it in a worker). */
export function loadDocument(): Json {
  return (loaded ??= JSON.parse(readFileSync(documentPath, 'utf8')) as Json);
}

/** A `yield` at every node of a JSON document of several megabytes. */
export function* countKeys(): Generator<void, number, void> {
  const stack: Json[] = [loadDocument()];
  let keys = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node === 'object' && node !== null) {
      for (const child of Object.values(node)) {
        keys++;
        stack.push(child);
      }
    }
    yield;
  }
  return keys;
}

/** Runs a generator to its end, as if it had no yields. */
export function runThrough<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const result = steps.next();
    if (result.done) return result.value;
  }
}

/** Each computation by steps and by time. */
export const paces: readonly [
  mode: string,
  make: <T>(fn: () => Generator<void, T, void>) => () => Promise<T>,
][] = [
  ['N = 1', (fn) => cooperative(1, fn)],
  ['N = 1,000', (fn) => cooperative(1_000, fn)],
  ['N = 1,000,000', (fn) => cooperative(1_000_000, fn)],
  ['by time, 8 ms', (fn) => cooperative({ budgetMs: 8 }, fn)],
];
