import 'reflect-metadata';
import { classNameOf, type AnyClass, type AnyFunction } from '../calls/callable';
import { describeValue } from '../calls/values/describe-value';
import { InvalidOptionError } from '../calls/errors';

/** What a decorator of methods is told, whichever kind of decorator it is. */
export interface DecoratedMethod {
  readonly name: string | symbol;
  /** As people call it: with its class, where the decorator is told it. */
  readonly called: string;
  readonly fn: AnyFunction;
  readonly isStatic: boolean;
  /** Named with `#`: nothing outside its class can find it. */
  readonly isPrivate: boolean;
  /** The class; undefined where the decorator is not told: a standard one never is. */
  readonly owner: AnyClass | undefined;
  /** For a static method of a standard decorator: calls `tell` with the class as soon as it is defined. */
  readonly onOwner?: (tell: (owner: AnyClass) => void) => void;
}

type MethodDecorator = (
  target: unknown,
  key: string | symbol | ClassMethodDecoratorContext | undefined,
  descriptor?: PropertyDescriptor,
) => unknown;

/**
 * Makes one function serve as a legacy decorator (`experimentalDecorators`) and as a standard one (TypeScript 5,
 * Babel 2023-11). A legacy one gets the class, the key and a descriptor; a standard one the method and a context.
 *
 * @param label - the decorator, for messages
 * @param wrap - returns what stands in the method's place
 */
export function methodDecorator(
  label: string,
  wrap: (method: DecoratedMethod) => AnyFunction,
): MethodDecorator {
  return (target, key, descriptor) => {
    if (key === undefined && typeof target === 'function') throw onFunction(label, target as AnyFunction);
    if (typeof key === 'object') return wrap(ofContext(label, target, key));
    const isStatic = typeof target === 'function';
    const owner = (isStatic ? target : (target as object).constructor) as AnyClass;
    const fn: unknown = descriptor?.value;
    const called = `${classNameOf(owner)}.${String(key)}`;
    if (typeof fn !== 'function')
      throw notReachable(
        label,
        `${called} is no method${descriptor?.get ? `, but an accessor: if a decorator made it one, put ${label}() after that` : ''}`,
      );
    const name = key as string | symbol;
    const method = { name, called, fn: fn as AnyFunction, isStatic, isPrivate: false, owner };
    return { ...descriptor, value: wrap(method) };
  };
}

function ofContext(label: string, fn: unknown, context: ClassMethodDecoratorContext): DecoratedMethod {
  const { name, static: isStatic } = context;
  const kind: string = context.kind;
  const called = String(name);
  if (kind !== 'method' || typeof fn !== 'function')
    throw notReachable(label, `${called} is no method, but ${kind === 'accessor' ? 'an' : 'a'} ${kind}`);
  return {
    name,
    called,
    fn: fn as AnyFunction,
    isStatic,
    isPrivate: context.private,
    owner: undefined,
    onOwner: isStatic
      ? (tell) =>
          context.addInitializer(function (this: unknown) {
            tell(this as AnyClass);
          })
      : undefined,
  };
}

/** Refuses what a decorator is given itself when it stands without its parentheses: two or three arguments. */
export function refuseBare(label: string, second: unknown): void {
  const isContext = typeof second === 'object' && second !== null && 'kind' in second && 'name' in second;
  if (typeof second === 'string' || typeof second === 'symbol' || isContext) throw bare(label);
}

/** What a decorator says that was not called first. */
export function bare(label: string): InvalidOptionError {
  return new InvalidOptionError(`${label} stands without parentheses. Write ${label}().`);
}

/** A class, or a function of who writes no decorators. */
function onFunction(label: string, target: AnyFunction): InvalidOptionError {
  if (Function.prototype.toString.call(target).startsWith('class'))
    return notReachable(label, `it stands on the class ${classNameOf(target)}`);
  const forFunctions = `${label.charAt(1).toLowerCase()}${label.slice(2)}`;
  return new InvalidOptionError(
    `${label}: expected a method of a class, found ${describeValue(target)}. Functions take ${forFunctions}(..., fn).`,
  );
}

/** What a decorator says of what it cannot stand on. */
export function notReachable(label: string, what: string): InvalidOptionError {
  return new InvalidOptionError(
    `${label}: ${what}. Expected a method with a name: ${label}(...) async load() { ... }`,
  );
}

/** Gives a wrapper the name of what it wraps, its length, and what decorators that stood before noted on it. */
export function like(wrapper: AnyFunction, fn: AnyFunction): AnyFunction {
  Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(fn));
  for (const key of Reflect.getOwnMetadataKeys(fn))
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, fn), wrapper);
  return wrapper;
}
