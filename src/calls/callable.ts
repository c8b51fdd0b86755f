import { fileURLToPath } from 'node:url';
import { amongCopies } from './among-copies';
import { addDefinition, definedAs, type Definitions } from './definitions';
import { madeOnce } from './made-once';
import { locateModule, type ModuleLocation } from './module-location';

// A class, or a function, as any code may define it.
export type AnyFunction = (...args: any[]) => unknown;
export type AnyClass = abstract new (...args: any[]) => object;

/** The name of a class; '' when it has none, or a static member of its own stands in the name's place. */
export function classNameOf(owner: { readonly name: unknown }): string {
  return typeof owner.name === 'string' ? owner.name : '';
}

/** For people: `ReportService.render`. */
const calledOf = (owner: AnyClass, method: string): string =>
  `${classNameOf(owner) || '(anonymous class)'}.${method}`;

/** Names a class for another thread or process: enough to import its module and pick it there. */
export interface ClassDescriptor {
  readonly module: string;
  readonly className: string;
  /** Which of the definitions of that name in that module it is: how many were first made before it. */
  readonly ordinal: number;
  /** The fingerprints of their sources: what is defined on one side only must not be taken for another. */
  readonly sources: readonly number[];
}

/** Names a callable for another thread or process. */
export interface CallableDescriptor extends ClassDescriptor {
  readonly kind: 'method' | 'static' | 'function';
  readonly method: string;
  /** Set for a function, and a method whose decorator was not told its class: then `className` is empty. */
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

interface Registry {
  readonly callables: Callable[];
  readonly classes: Map<string, Definitions<AnyClass>>;
  readonly descriptors: WeakMap<AnyClass, ClassDescriptor>;
  /** Functions, and methods whose class is not known when they are decorated. */
  readonly classless: Map<string, Definitions<Callable>>;
  readonly methods: WeakMap<AnyClass, Map<string, Callable>>;
}

const registry = amongCopies<Registry>('registry', () => ({
  callables: [],
  classes: new Map(),
  descriptors: new WeakMap(),
  classless: new Map(),
  methods: new WeakMap(),
}));

/**
 * A test runner may name by its path a module that a worker has to import, and then knows by its URL. With another
 * query it is another module.
 */
function keyOf(module: string, name: string): string {
  return `${module.startsWith('file:') ? pathOf(module) : module}\0${name}`;
}

/** Classes are looked up for the values of each call, and to parse a URL takes longer than all the rest of that. */
const paths = new Map<string, string>();

function pathOf(module: string): string {
  let path = paths.get(module);
  if (path === undefined) {
    const { href, search, hash } = new URL(module);
    paths.set(module, (path = `${fileURLToPath(href)}${search}${hash}`));
  }
  return path;
}

function definitionsOf<T>(map: Map<string, Definitions<T>>, key: string): Definitions<T> {
  return madeOnce(map, key, () => ({ sites: [], values: [], sources: [] }));
}

/** Registers a class under the module that is being evaluated; the first decorator of a class does it. */
export function registerClass(owner: AnyClass, location?: ModuleLocation): ClassDescriptor {
  const known = registry.descriptors.get(owner);
  if (known) return known;
  const { module, site } = location ?? locateModule();
  const className = classNameOf(owner);
  const definitions = definitionsOf(registry.classes, keyOf(module, className));
  addDefinition(definitions, site, owner, (ordinal, sources) => {
    registry.descriptors.set(owner, { module, className, ordinal, sources });
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
  const callable = addCallable(calledOf(owner, method), descriptor, fn, owner);
  madeOnce(registry.methods, owner, () => new Map()).set(`${descriptor.kind} ${method}`, callable);
  return callable;
}

/** Registers a function wrapped at the top level of its module. */
export function registerFunction(fn: AnyFunction, module?: string): Callable {
  return registerClassless('function', fn.name || '(anonymous function)', fn, module);
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
  return registerClassless(isStatic ? 'static' : 'method', method, fn, module);
}

function registerClassless(
  kind: CallableDescriptor['kind'],
  method: string,
  fn: AnyFunction,
  explicit: string | undefined,
): Callable {
  // A decorator that stands on another one of ours: the method was told apart from others before.
  const inner = wrapped.get(fn);
  if (inner?.descriptor.classless && inner.descriptor.method === method) return replaceClassless(inner, fn);
  const { module: located, site } = locateModule();
  const module = explicit ?? located;
  const definitions = definitionsOf(registry.classless, keyOf(module, `${kind} ${method}`));
  return addDefinition(definitions, site, fn, (ordinal, sources) =>
    addCallable(method, { module, className: '', ordinal, sources, kind, method, classless: true }, fn),
  );
}

/** The outer one of two decorators is what the method is called by. */
function replaceClassless({ name, descriptor }: Callable, fn: AnyFunction): Callable {
  const definitions = classlessNamed(descriptor) as Definitions<Callable>;
  return (definitions.values[descriptor.ordinal] = addCallable(name, descriptor, fn));
}

// The copy that looks for a class need not be the one that has decorated it.
const wrapped = amongCopies('wrapped', () => new WeakMap<AnyFunction, Callable>());

/** Notes what stands in a method's place. */
export function markWrapper(wrapper: AnyFunction, callable: Callable): void {
  wrapped.set(wrapper, callable);
}

/**
 * Finds the class of a method whose decorator was not told it: the one whose prototype holds the wrapper. Where
 * another decorator, or a test's spy, stands before that, the only one whose source has the method's.
 */
export function ownerAmong(candidates: Iterable<unknown>, callable: Callable): AnyClass | undefined {
  const classes = [...new Set(candidates)];
  const holder = classes.find(
    (one): one is AnyClass => wrappedBy(one, callable.descriptor.method) === callable,
  );
  if (holder) return holder;
  const source = Function.prototype.toString.call(callable.fn);
  const alike = classes.filter(
    (one): one is AnyClass =>
      wrappedBy(one, callable.descriptor.method) === null &&
      Function.prototype.toString.call(one).includes(source),
  );
  return alike.length === 1 ? alike[0] : undefined;
}

/** What wrapped the method of a class: null when nothing that is known did, undefined when it has no such method. */
function wrappedBy(owner: unknown, method: string): Callable | null | undefined {
  if (typeof owner !== 'function' || typeof owner.prototype !== 'object' || owner.prototype === null)
    return undefined;
  const property: unknown = Object.getOwnPropertyDescriptor(owner.prototype, method)?.value;
  return typeof property === 'function' ? (wrapped.get(property as AnyFunction) ?? null) : undefined;
}

/** Notes the class of a method whose decorator was not told it. */
export function setOwner(callable: Callable, owner: AnyClass): void {
  callable.owner = owner;
  callable.name = calledOf(owner, callable.descriptor.method);
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
    .filter(([key]) => key.startsWith(keyOf(module, '')))
    .flatMap(([, { values }]) => values);
}

/** Every callable that this thread knows. */
export function knownCallables(): readonly Callable[] {
  return registry.callables;
}

/** For people: `ReportService.render`, or the function's name. */
export function nameOf(descriptor: CallableDescriptor): string {
  return descriptor.className ? `${descriptor.className}.${descriptor.method}` : descriptor.method;
}

/** The classes that were defined in a module under a name. */
export function classesNamed({ module, className }: ClassDescriptor): Definitions<AnyClass> | undefined {
  return definedAs(registry.classes, (name) => keyOf(module, name), className);
}

/** The functions, or methods without a class, that were defined in a module under a name. */
export function classlessNamed({
  module,
  kind,
  method,
}: CallableDescriptor): Definitions<Callable> | undefined {
  return definedAs(registry.classless, (name) => keyOf(module, `${kind} ${name}`), method);
}

/** The decorated method of a class that a descriptor names, if it has it. */
export function methodOf(owner: AnyClass, { kind, method }: CallableDescriptor): Callable | undefined {
  return registry.methods.get(owner)?.get(`${kind} ${method}`);
}
