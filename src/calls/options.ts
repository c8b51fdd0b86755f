import { describeValue } from './values/describe-value';
import { InvalidOptionError } from './errors';
import { isFile } from './module-location';

/** Returns what is wrong with a value, as "expected ...", or undefined when it is right. */
type Check = (value: unknown) => string | undefined;

/** The shape of an options object: one check per option name. */
export type OptionChecks<T> = { readonly [K in keyof Required<T>]: Check };

/** A value, for "found ..." in a message. */
export const describe = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? `${value} (${typeof value})`
    : describeValue(value);

/** A value that `accepts` says yes to. */
export const that =
  (what: string, accepts: (value: unknown) => boolean): Check =>
  (value) =>
    accepts(value) ? undefined : `expected ${what}`;

const numberCheck = (what: string, accepts: (value: number) => boolean): Check =>
  that(what, (value) => typeof value === 'number' && accepts(value));

/**
 * @param written - how who expects it is called: `withContainer(container, fn)`
 * @throws {@link InvalidOptionError} for what is no function
 */
export function checkFunction(written: string, fn: unknown): void {
  if (typeof fn !== 'function')
    throw new InvalidOptionError(`${written}: expected a function, found ${describe(fn)}.`);
}

/** A whole number of at least `minimum`. */
export const integerAtLeast = (minimum: number): Check =>
  numberCheck(`an integer >= ${minimum}`, (value) => Number.isSafeInteger(value) && value >= minimum);

/** A whole number from `minimum` to `maximum`. */
export const integerBetween = (minimum: number, maximum: number): Check =>
  numberCheck(
    `an integer from ${minimum} to ${maximum}`,
    (value) => Number.isSafeInteger(value) && value >= minimum && value <= maximum,
  );

/** A whole number of at least `minimum`, or Infinity for "no limit". */
export const limitAtLeast = (minimum: number): Check =>
  numberCheck(
    `an integer >= ${minimum} or Infinity`,
    (value) => value === Infinity || (Number.isSafeInteger(value) && value >= minimum),
  );

/** A size in megabytes. */
export const megabytes: Check = numberCheck(
  'megabytes above 0',
  (value) => Number.isFinite(value) && value > 0,
);

/** The longest delay of a Node.js timer; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** A time in milliseconds that a timer can keep, or Infinity for "never". */
export const milliseconds = (minimum: number): Check =>
  numberCheck(
    `milliseconds from ${minimum} to ${LONGEST_TIMER_MS}, or Infinity`,
    (value) => value === Infinity || (value >= minimum && value <= LONGEST_TIMER_MS),
  );

/** A string, whatever it says. */
export const text = that('a string', (value) => typeof value === 'string');

/** One of the listed strings. */
export const oneOf = (...values: readonly string[]): Check =>
  that(values.map((each) => `'${each}'`).join(' | '), (value) => values.includes(value as string));

/** Yes or no. */
export const flag = that('a boolean', (value) => typeof value === 'boolean');

/** The name of a module that means the same wherever it is read. */
export const moduleName = that(
  "an absolute path or a file: URL, such as require.resolve('./name') or new URL('./name.js', import.meta.url), " +
    'and in a bundle __filename or import.meta.url',
  (value) => isFile(String(value)),
);

/** The name in `names` that is nearest to `name`, when it is near enough to be what was meant. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = previous[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1);
      current[column] = Math.min(substitution, previous[column] + 1, current[column - 1] + 1);
    }
    previous = current;
  }
  return previous[to.length];
}

/**
 * Checks an options object: unknown names are refused with the nearest known one, and each value is
 * checked. Options that are `undefined` count as not given.
 *
 * @param owner - who takes the options, for the message: `@RunInExecutor`, `ThreadExecutor`
 * @throws {@link InvalidOptionError} naming the option, what was expected and what was found
 */
export function validateOptions<T extends object>(
  owner: string,
  options: T | undefined,
  checks: OptionChecks<T>,
): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(`${owner}: expected an options object, found ${describe(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) {
    const check: Check | undefined = Object.hasOwn(checks, name) ? checks[name as keyof T] : undefined;
    if (check === undefined) {
      const nearest = nearestName(name, Object.keys(checks));
      const mend = nearest
        ? `Did you mean '${nearest}'?`
        : `Known options: ${Object.keys(checks).join(', ')}.`;
      throw new InvalidOptionError(`${owner}: there is no option '${name}'. ${mend}`);
    }
    const wrong = value === undefined ? undefined : check(value);
    if (wrong)
      throw new InvalidOptionError(`${owner}: option '${name}': ${wrong}, found ${describe(value)}.`);
  }
}
