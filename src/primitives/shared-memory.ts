import { randomInt } from 'node:crypto';
import { InvalidOptionError } from '../calls/errors';
import { describe } from '../calls/options';

/** What a primitive writes itself as: the memory that its copies in other threads share. */
export interface SharedState {
  readonly memory: SharedArrayBuffer;
}

/** The kinds of primitives, as their memory begins with. */
export const Kind = {
  lock: 0x0ff10001,
  semaphore: 0x0ff10002,
  event: 0x0ff10003,
  queue: 0x0ff10004,
} as const;

/** The words that all begin with: the kind, two words that name this one, a parameter. */
const KIND = 0;
const NAME = 1;
export const PARAMETER = 3;
export const HEADER_WORDS = 4;

/** Allocates the memory of a new primitive. */
export function allocate(kind: number, words: number, parameter = 0): Int32Array {
  const memory = new Int32Array(new SharedArrayBuffer(words * 4));
  memory[NAME] = randomInt(2 ** 31);
  memory[NAME + 1] = randomInt(2 ** 31);
  memory[PARAMETER] = parameter;
  Atomics.store(memory, KIND, kind);
  return memory;
}

/**
 * The words of a primitive that came from elsewhere.
 *
 * @throws {@link InvalidOptionError} when it is none, or one of another kind
 */
export function attach(what: string, kind: number, state: SharedState): Int32Array {
  const memory: unknown = (state as SharedState | undefined)?.memory;
  if (Object.prototype.toString.call(memory) === '[object SharedArrayBuffer]') {
    const { byteLength } = memory as SharedArrayBuffer;
    const words = new Int32Array(memory as SharedArrayBuffer, 0, Math.floor(byteLength / 4));
    if (words.length > HEADER_WORDS && words[KIND] === kind) return words;
  }
  throw new InvalidOptionError(
    `${what}.fromPortable: expected what ${what}'s toPortable() returns, found something else.`,
  );
}

/**
 * The words that a primitive without arguments of its own is made of.
 *
 * @throws {@link InvalidOptionError} for what only JavaScript can give it
 */
export function checkWords(what: string, words: unknown): Int32Array {
  if (words instanceof Int32Array) return words;
  throw new InvalidOptionError(`${what}: expected no arguments, new ${what}(), found ${describe(words)}.`);
}

const cores = new Map<string, WeakRef<object>>();
const forget = new FinalizationRegistry<string>((name) => {
  if (cores.get(name)?.deref() === undefined) cores.delete(name);
});

/**
 * What this thread does with a primitive, once for all its copies here: those that arrive with calls stand in
 * line as one, and a thread takes one place among the members.
 */
export function coreOf<C extends object>(words: Int32Array, make: (words: Int32Array) => C): C {
  const name = `${words[NAME]}.${words[NAME + 1]}`;
  const known = cores.get(name)?.deref();
  if (known) return known as C;
  const core = make(words);
  cores.set(name, new WeakRef(core));
  forget.register(core, name);
  return core;
}
