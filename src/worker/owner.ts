import { classesOf, ownerAmong, setOwner, type Callable } from '../calls/callable';
import { CallableNotFoundError } from '../calls/errors';
import { injectableClasses } from '../di/injectable';

/** A class, and those that it extends. */
function lineOf(candidate: unknown): unknown[] {
  const line: unknown[] = [];
  for (let one = candidate; typeof one === 'function'; one = Object.getPrototypeOf(one)) line.push(one);
  return line;
}

/**
 * Finds the class of a method whose decorator was not told it: among the exports of its module, the classes
 * that other decorators know, and those that they extend.
 *
 * @throws {@link CallableNotFoundError} when it is none of them
 */
export function findOwner(callable: Callable, exports: Record<string, unknown>): void {
  const { module, method, kind } = callable.descriptor;
  if (callable.owner || kind !== 'method') return;
  const exported: unknown[] = Object.values(exports);
  const nested = exported.flatMap<unknown>((value) =>
    typeof value === 'object' && value ? Object.values(value as Record<string, unknown>) : [],
  );
  const candidates = [...exported, ...nested, ...classesOf(module), ...injectableClasses()];
  const owner = ownerAmong(candidates.flatMap(lineOf), callable);
  if (!owner) {
    throw new CallableNotFoundError(
      `${method}: the worker found the method in ${module}, and not its class, which a standard decorator is not ` +
        `told. Put @Portable() on the class, or export it from there; where other decorators wrap the method, put ` +
        `@RunInExecutor() before them.`,
    );
  }
  setOwner(callable, owner);
}
