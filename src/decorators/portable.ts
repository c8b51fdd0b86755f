import { classNameOf, registerClass, type AnyClass } from '../calls/callable';
import { InvalidOptionError } from '../calls/errors';
import { markPortable, markTransient } from '../calls/values/portable';
import { bare } from './method-decorator';

/**
 * Lets instances of a class travel as what they are: as an argument, a result, an error or a field of `this`
 * they keep their prototype, and their fields are copied. A class with `#private` state writes itself with a
 * method `toPortable()` and a static `fromPortable(data)`. It also makes a subclass that only inherits
 * decorated methods known to workers. Define the class at the top level of a module. Python's
 * counterparts are pickle and its `__reduce__`.
 *
 * @throws {@link InvalidOptionError} at decoration, for what is no class
 * @example
 * \@Portable()
 * class Money { constructor(readonly amount: bigint, readonly currency: string) {} }
 */
export function Portable(
  ...none: never[]
): <C extends { readonly prototype: object }>(target: C, context?: { readonly kind: 'class' }) => void {
  if (none.length > 0) throw bare('@Portable');
  return (target: unknown, context?: { readonly kind: string }) => {
    if (typeof target !== 'function' || (context !== undefined && context.kind !== 'class')) {
      throw new InvalidOptionError(
        `@Portable(): expected a class, found ${whatIs(target, context)}. Put it before the class.`,
      );
    }
    registerClass(target as AnyClass);
    markPortable(target as AnyClass);
  };
}

/** A legacy decorator is given the key of a member, a standard one a context. */
function whatIs(target: unknown, context: { readonly kind: string } | string | symbol | undefined): string {
  if (typeof context === 'object') return `a ${context.kind}`;
  return context === undefined ? typeof target : `the member '${String(context)}'`;
}

/** What `@Transient` may stand on: a field. */
export interface TransientDecorator {
  (target: object, key: string | symbol, none?: undefined): void;
  (value: undefined, context: ClassFieldDecoratorContext): void;
}

/**
 * Keeps a field at home: it is not copied with `this` or a portable instance, and the worker's own value, or
 * undefined, stands in its place. Python's counterpart is what `__getstate__` leaves out.
 *
 * @throws {@link InvalidOptionError} at decoration, for what is no field
 */
export function Transient(...none: never[]): TransientDecorator {
  if (none.length > 0) throw bare('@Transient');
  return ((target: object, key: string | symbol | ClassFieldDecoratorContext | undefined) => {
    // On a class there is no key, and on a parameter of its constructor neither.
    if (key === undefined || (typeof key === 'object' && (key.kind as string) === 'class')) {
      throw new InvalidOptionError(
        `@Transient(): expected a field, found the class ${classNameOf(target as AnyClass)} or a parameter of its ` +
          `constructor. Put it before a field: @Transient() cache = new Map().`,
      );
    }
    if (typeof key !== 'object') {
      markTransient(target, String(key));
      return;
    }
    // A standard decorator is not told the class, but its instances are.
    const name = String(key.name);
    key.addInitializer(function (this: unknown) {
      markTransient(Object.getPrototypeOf(this) as object, name);
    });
  }) as TransientDecorator;
}
