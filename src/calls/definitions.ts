import { readFileSync } from 'node:fs';
import { hostState } from './host-state';
import type { AnyClass, AnyFunction } from './callable';

/** What was defined in one module under one name: one for each place in the code, in the order of their first. */
export interface Definitions<T> {
  /** The code that made each: its positions, and the fingerprint of what it made. */
  readonly sites: string[];
  /** What each made last. */
  readonly values: T[];
  /** The fingerprint of each one's source. Descriptors hold this very list, so that they tell what there is now. */
  readonly sources: number[];
}

/** In place of a fingerprint: one place of the code made several, in a loop. */
const SEVERAL = 0;

/** What {@link placeOf} says of a definition that it cannot tell from others. */
export const Place = { unknown: -1, several: -2 } as const;

let isOtherCompiler = false;

/**
 * Told in a worker of a test runner, which compiles what the other side has: it may change some of one name, as
 * where they use an import or are counted for coverage, and leave others as they were.
 */
export function expectOtherCompiler(): void {
  isOtherCompiler = true;
}

/**
 * What was defined under a name. Vitest compiles by esbuild, which calls a class that names itself `_Orders`, and a
 * function in a variable of its name `load2`: what the other side alone calls so has here the name that was written.
 * A name that stands in the file is none of the compiler's, but that of something which a test alone defines.
 */
export function definedAs<T>(
  definitions: Map<string, T>,
  keyOf: (name: string) => string,
  name: string,
): T | undefined {
  const found = definitions.get(keyOf(name));
  return found || !isOtherCompiler || isWritten(name, keyOf('').split('\0')[0])
    ? found
    : definitions.get(keyOf(name.replace(/^_|\d$/, '')));
}

function isWritten(name: string, path: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(name);
  } catch {
    return true; // nobody can tell
  }
}

/**
 * Adds the definition that `define` makes. A place of the code that made one of that source before makes the same
 * one, evaluated again by a test runner that resets its modules; a worker evaluates none again, so that there it is
 * a loop. Of another source it is another one: its file has changed since.
 */
export function addDefinition<T>(
  { sites, values, sources }: Definitions<T>,
  site: string,
  source: AnyFunction | AnyClass,
  define: (ordinal: number, sources: readonly number[]) => T,
): T {
  const fingerprint = fingerprintOf(source);
  const made = `${fingerprint} ${site}`;
  const known = sites.indexOf(made);
  const ordinal = known < 0 ? sites.push(made) - 1 : known;
  sources[ordinal] = known >= 0 && hostState() ? SEVERAL : fingerprint;
  return (values[ordinal] = define(ordinal, sources));
}

/**
 * Which of the definitions with these sources is the one that the other side calls the `ordinal`th of `theirs`.
 * Either side may lack some, as when a condition makes them: then the order says nothing, and the source decides.
 * Where the other side's compiler is another, no source is alike, or not all are: then the order decides, if both
 * have as many.
 */
export function placeOf(ordinal: number, theirs: readonly number[], own: readonly number[]): number {
  const source = theirs[ordinal];
  const isByOrder =
    own.length === theirs.length && (isOtherCompiler ? areInOneOrder(theirs, own) : !isAnyAlike(theirs, own));
  const place = isByOrder ? ordinal : placeOfSource(ordinal, theirs, own);
  return source === SEVERAL || own[place] === SEVERAL ? Place.several : place;
}

/** True when each that has its like on the other side has it in the very same place. */
const areInOneOrder = (theirs: readonly number[], own: readonly number[]): boolean =>
  theirs.every((source, place) =>
    own.includes(source) ? own[place] === source : !theirs.includes(own[place]),
  );

/** True when one compiler made both sides. */
const isAnyAlike = (theirs: readonly number[], own: readonly number[]): boolean =>
  theirs.some((source) => source !== SEVERAL && own.includes(source));

/** Several of one source are in the same order on both sides, if both have as many. */
function placeOfSource(ordinal: number, theirs: readonly number[], own: readonly number[]): number {
  const source = theirs[ordinal];
  const [alikeThere, alikeHere] = [placesOf(source, theirs), placesOf(source, own)];
  return alikeHere.length === alikeThere.length ? alikeHere[alikeThere.indexOf(ordinal)] : Place.unknown;
}

function placesOf(source: number, sources: readonly number[]): number[] {
  const places: number[] = [];
  for (let place = 0; place < sources.length; place++) if (sources[place] === source) places.push(place);
  return places;
}

/** FNV-1a of a function's or a class's source, in 32 bits. */
function fingerprintOf(source: object): number {
  const text = Function.prototype.toString.call(source);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 1;
}
