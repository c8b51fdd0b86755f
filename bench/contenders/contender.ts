import type { TaskName } from '../workers/tasks';

/** A pool with its workers. */
export interface OpenContender {
  call(name: TaskName, argument?: unknown): Promise<unknown>;
  close(): Promise<unknown> | void;
}

/** Something that runs calls: offloop, a peer, or a floor written by hand. */
export interface Contender {
  /** What has to be loaded before the clock starts. */
  load(): Promise<(workers: number) => OpenContender>;
}

/** Gives each call a number and hands its answer back: what the floors share. */
export class Correlator {
  #next = 0;
  readonly #pending = new Map<number, (value: unknown) => void>();

  add(send: (id: number) => void): Promise<unknown> {
    return new Promise((resolve) => {
      const id = this.#next++;
      this.#pending.set(id, resolve);
      send(id);
    });
  }

  answer([id, value]: [number, unknown]): void {
    this.#pending.get(id)?.(value);
    this.#pending.delete(id);
  }
}
