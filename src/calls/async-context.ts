import { AsyncLocalStorage } from 'node:async_hooks';

/** A value that a function, and all that it awaits, knows. */
export class AsyncContext<T> {
  /** Made when it is first needed: it makes promises slower. */
  #storage: AsyncLocalStorage<T> | undefined;

  run<R>(value: T, fn: () => R): R {
    this.#storage ??= new AsyncLocalStorage();
    return this.#storage.run(value, fn);
  }

  /** The value of the innermost `run`; undefined outside. */
  get value(): T | undefined {
    return this.#storage?.getStore();
  }
}
