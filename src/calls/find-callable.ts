import {
  classesNamed,
  classesOf,
  classlessNamed,
  methodOf,
  nameOf,
  type AnyClass,
  type Callable,
  type CallableDescriptor,
  type ClassDescriptor,
} from './callable';
import { Place, placeOf, type Definitions } from './definitions';
import { CallableNotFoundError } from './errors';

/**
 * Finds the class that a descriptor names, after its module was imported here.
 *
 * @throws {@link CallableNotFoundError} when the module defined none of that name, or several that cannot
 *   be told apart
 */
export function findClass(descriptor: ClassDescriptor, wanted: string): AnyClass {
  const { module, className } = descriptor;
  const what = `class ${className || '(anonymous)'}`;
  const definitions = classesNamed(descriptor);
  if (definitions) return pick(definitions, descriptor, wanted, what);
  const hasNone = [className, ...classesOf(module).map(({ name }) => name)].some((name) => madeUp.test(name));
  throw notThere(module, wanted, what, hasNone ? nameIt : '');
}

/** What compilers call a class that is written without a name. */
const madeUp = /^(_?class_?\d*|_?default(_\d+)?)?$/;
const nameIt = ` Each compiler gives a class without a name another one: write class Name { ... }.`;

/**
 * Finds the callable that a descriptor names, after its module was imported here. Only what a decorator
 * registered can be found: a descriptor cannot reach any other property.
 *
 * @throws {@link CallableNotFoundError} as {@link findClass} does
 */
export function findCallable(descriptor: CallableDescriptor): Callable {
  const wanted = nameOf(descriptor);
  const { kind, method, className, module, classless } = descriptor;
  if (kind === 'function' || classless) {
    const what = kind === 'function' ? `function ${method}` : `method ${method}`;
    return pick(classlessNamed(descriptor), descriptor, wanted, what);
  }
  const callable = methodOf(findClass(descriptor, wanted), descriptor);
  if (callable) return callable;
  throw new CallableNotFoundError(
    `${wanted}: class ${className} has no ${kind === 'static' ? 'static ' : ''}method '${method}' decorated with ` +
      `@RunInExecutor where the worker imported it from ${module}. Decorate it in the class body, not conditionally.`,
  );
}

function pick<T>(
  definitions: Definitions<T> | undefined,
  { module, ordinal, sources }: ClassDescriptor,
  wanted: string,
  what: string,
): T {
  if (!definitions) throw notThere(module, wanted, what);
  const place = placeOf(ordinal, sources, definitions.sources);
  if (place >= 0) return definitions.values[place];
  const why =
    place === Place.several
      ? 'one place in the code makes several'
      : `the sending side has ${sources.length} and the receiving one ${definitions.sources.length}, not the same: a ` +
        `condition or a test's describe() makes them, or the file has changed meanwhile (start the program anew)`;
  throw new CallableNotFoundError(
    `${wanted}: the definitions of ${what} in ${module} cannot be told apart: ${why}. Give each one a name of its own, ` +
      `and define it unconditionally at the top level of its module.`,
  );
}

function notThere(module: string, wanted: string, what: string, more = ''): CallableNotFoundError {
  const marker = what.startsWith('function') ? `runInExecutor('thread', fn, ` : `@RunInExecutor('thread', `;
  const itself = module.startsWith('file:') ? 'import.meta.url' : '__filename';
  return new CallableNotFoundError(
    `${wanted}: the worker imported ${module || '(no module: defined in a script without a file)'} and ` +
      `found no decorated ${what} there. Define it at the top level of a module of its own, or name the module that ` +
      `defines it: ${marker}{ module: ${itself} }). In a bundle, import it statically: workers do not evaluate what ` +
      `only import() does.${more}`,
  );
}
