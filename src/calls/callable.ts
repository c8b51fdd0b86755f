import { fileURLToPath } from 'node:url';
import { CallableNotFoundError } from './errors';
import { locateModule, type ModuleLocation } from './module-location';

// A class, or a function, as any code may define it.
export type AnyFunction = (...args: any[]) => unknown;
export type AnyClass = abstract new (...args: any[]) => object;

/** Names a class for another thread or process: enough to import its module and pick it there. */
export interface ClassDescriptor {
  readonly module: string;
  readonly className: string;
  /** Tells classes of one name in one module apart: how many were defined before this one. */
  readonly ordinal: number;
}

/** Names a callable for another thread or process. */
export interface CallableDescriptor extends ClassDescriptor {
  readonly kind: 'method' | 'static' | 'function';
  readonly method: string;
  /** Set for a method whose decorator was not told its class: then `className` is empty. */
  readonly classless?: true;
}

/** One decorated method, or one function wrapped by `runInExecutor`, as this thread knows it. */
export interface Callable {
  /** A number within this thread: what the wire uses once a worker has seen the descriptor. */
  readonly index: number;
  /** For people: `ReportService.render`. */
  name: string;
  readonly descriptor: CallableDescriptor;
  /** The undecorated method or function. */
  readonly fn: AnyFunction;
  /** The class that declares the method; undefined for functions, and until it is known (see {@link setOwner}). */
  owner: AnyClass | undefined;
}

/** The definitions that share a key: one per site, and a site holds more than one only if it ran twice. */
interface Definition<T> {
  readonly site: string;
  readonly values: T[];
}

interface Registry {
  readonly callables: Callable[];
  readonly classes: Map<string, Definition<AnyClass>[]>;
  readonly descriptors: WeakMap<AnyClass, ClassDescriptor>;
  /** Functions, and methods whose class is not known when they are decorated. */
  readonly functions: Map<string, Definition<Callable>[]>;
  readonly methods: WeakMap<AnyClass, Map<string, Callable>>;
}

// On the global object, so that two copies of the package share one registry.
const registryKey = Symbol.for('offloop.registry');
const holder = globalThis as { [registryKey]?: Registry };
const registry: Registry = (holder[registryKey] ??= newRegistry());

function newRegistry(): Registry {
  return {
    callables: [],
    classes: new Map(),
    descriptors: new WeakMap(),
    functions: new Map(),
    methods: new WeakMap(),
  };
}

/** A test runner may name by its path a module that a worker has to import, and then knows by its URL. */
const keyOf = (module: string, name: string): string =>
  `${module.startsWith('file:') ? fileURLToPath(module) : module}\0${name}`;

/**
 * Adds the definition that `define` makes under its key, with its ordinal. A site seen before is the same definition,
 * evaluated again (a test runner that resets its modules), or made in a loop, which the worker refuses.
 */
function addDefinition<T>(
  map: Map<string, Definition<T>[]>,
  key: string,
  site: string,
  define: (ordinal: number) => T,
): T {
  let definitions = map.get(key);
  if (!definitions) map.set(key, (definitions = [] as Definition<T>[]));
  let ordinal = definitions.findIndex((definition) => definition.site === site);
  if (ordinal < 0) ordinal = definitions.push({ site, values: [] }) - 1;
  const value = define(ordinal);
  definitions[ordinal].values.push(value);
  return value;
}

/** Registers a class under the module that is being evaluated; the first decorator of a class does it. */
export function registerClass(owner: AnyClass, location?: ModuleLocation): ClassDescriptor {
  const known = registry.descriptors.get(owner);
  if (known) return known;
  const { module, site } = location ?? locateModule();
  addDefinition(registry.classes, keyOf(module, owner.name), site, (ordinal) => {
    registry.descriptors.set(owner, { module, className: owner.name, ordinal });
    return owner;
  });
  return registry.descriptors.get(owner) as ClassDescriptor;
}

/** The descriptor of a class that a decorator has registered, not that of a class it extends. */
export function classDescriptorOf(owner: AnyClass): ClassDescriptor | undefined {
  return registry.descriptors.get(owner);
}

/** Registers a decorated method. */
export function registerMethod(
  owner: AnyClass,
  method: string,
  isStatic: boolean,
  fn: AnyFunction,
  module?: string,
): Callable {
  const location = locateModule();
  const owning = registerClass(owner, module === undefined ? location : { ...location, module });
  const descriptor: CallableDescriptor = { ...owning, kind: isStatic ? 'static' : 'method', method };
  const callable = addCallable(`${owner.name || '(anonymous class)'}.${method}`, descriptor, fn, owner);
  let methods = registry.methods.get(owner);
  if (!methods) registry.methods.set(owner, (methods = new Map<string, Callable>()));
  methods.set(`${descriptor.kind} ${method}`, callable);
  return callable;
}

/** Registers a function wrapped at the top level of its module. */
export function registerFunction(fn: AnyFunction, module?: string): Callable {
  const location = locateModule();
  const method = fn.name || '(anonymous function)';
  const key = keyOf(module ?? location.module, method);
  return addDefinition<Callable>(registry.functions, key, location.site, (ordinal) =>
    addCallable(
      method,
      { module: module ?? location.module, className: '', ordinal, kind: 'function', method },
      fn,
    ),
  );
}

/**
 * Registers a method whose decorator is not told the class, as standard decorators are not: it is found by its
 * module and name, and {@link setOwner} tells the class later.
 */
export function registerClasslessMethod(
  method: string,
  isStatic: boolean,
  fn: AnyFunction,
  module?: string,
): Callable {
  const location = locateModule();
  const kind = isStatic ? 'static' : 'method';
  const where = module ?? location.module;
  return addDefinition<Callable>(
    registry.functions,
    keyOf(where, `${kind} ${method}`),
    location.site,
    (ordinal) =>
      addCallable(method, { module: where, className: '', ordinal, kind, method, classless: true }, fn),
  );
}

const wrapped = new WeakMap<AnyFunction, Callable>();

/** Notes what stands in a method's place. */
export function markWrapper(wrapper: AnyFunction, callable: Callable): void {
  wrapped.set(wrapper, callable);
}

/** True for the class whose prototype holds the wrapper of a method. */
export function declares(owner: unknown, callable: Callable): owner is AnyClass {
  if (typeof owner !== 'function' || typeof owner.prototype !== 'object' || owner.prototype === null)
    return false;
  const property = Object.getOwnPropertyDescriptor(owner.prototype, callable.descriptor.method);
  return typeof property?.value === 'function' && wrapped.get(property.value as AnyFunction) === callable;
}

/** Notes the class of a method whose decorator was not told it. */
export function setOwner(callable: Callable, owner: AnyClass): void {
  callable.owner = owner;
  callable.name = `${owner.name || '(anonymous class)'}.${callable.descriptor.method}`;
}

function addCallable(
  name: string,
  descriptor: CallableDescriptor,
  fn: AnyFunction,
  owner?: AnyClass,
): Callable {
  const callable = { index: registry.callables.length, name, descriptor, fn, owner };
  registry.callables.push(callable);
  return callable;
}

/** Every class that a decorator has registered in a module. */
export function classesOf(module: string): AnyClass[] {
  return [...registry.classes]
    .filter(([key]) => key.startsWith(`${module}\0`))
    .flatMap(([, definitions]) => definitions.flatMap(({ values }) => values));
}

/** Every callable that this thread knows. */
export function knownCallables(): readonly Callable[] {
  return registry.callables;
}

/** For people: `ReportService.render`, or the function's name. */
export function nameOf(descriptor: CallableDescriptor): string {
  return descriptor.className ? `${descriptor.className}.${descriptor.method}` : descriptor.method;
}

/**
 * Finds the class that a descriptor names, after its module was imported here.
 *
 * @throws {@link CallableNotFoundError} when the module defined none of that name, or several that cannot
 *   be told apart
 */
export function findClass(descriptor: ClassDescriptor, wanted: string): AnyClass {
  const { module, className, ordinal } = descriptor;
  const definitions = registry.classes.get(keyOf(module, className));
  return pick(definitions, ordinal, wanted, `class ${className || '(anonymous)'}`, module);
}

/**
 * Finds the callable that a descriptor names, after its module was imported here. Only what a decorator
 * registered can be found: a descriptor cannot reach any other property.
 *
 * @throws {@link CallableNotFoundError} as {@link findClass} does
 */
export function findCallable(descriptor: CallableDescriptor): Callable {
  const wanted = nameOf(descriptor);
  if (descriptor.kind === 'function') {
    const definitions = registry.functions.get(keyOf(descriptor.module, descriptor.method));
    return pick(definitions, descriptor.ordinal, wanted, `function ${descriptor.method}`, descriptor.module);
  }
  if (descriptor.classless) {
    const key = keyOf(descriptor.module, `${descriptor.kind} ${descriptor.method}`);
    return pick(
      registry.functions.get(key),
      descriptor.ordinal,
      wanted,
      `method ${descriptor.method}`,
      descriptor.module,
    );
  }
  const owner = findClass(descriptor, wanted);
  const callable = registry.methods.get(owner)?.get(`${descriptor.kind} ${descriptor.method}`);
  if (!callable) {
    throw new CallableNotFoundError(
      `${wanted}: class ${descriptor.className} has no ${descriptor.kind === 'static' ? 'static ' : ''}method ` +
        `'${descriptor.method}' decorated with @RunInExecutor where the worker imported it from ${descriptor.module}. ` +
        `Decorate it in the class body, not conditionally.`,
    );
  }
  return callable;
}

function pick<T>(
  definitions: Definition<T>[] | undefined,
  ordinal: number,
  wanted: string,
  what: string,
  module: string,
): T {
  const definition = definitions?.[ordinal];
  if (!definition) {
    throw new CallableNotFoundError(
      `${wanted}: the worker imported ${module || '(no module: defined in a script without a file)'} and ` +
        `found no decorated ${what} there. Expected it to be defined while its module is evaluated: move it to ` +
        `the top level of a module of its own, or name the module that defines it: ` +
        `@RunInExecutor('thread', { module: __filename }).`,
    );
  }
  if (definition.values.length > 1) {
    throw new CallableNotFoundError(
      `${wanted}: ${definition.values.length} definitions of ${what} come from one place in ${module}, so that ` +
        `they cannot be told apart in a worker. Give each one a name of its own.`,
    );
  }
  return definition.values[0];
}
