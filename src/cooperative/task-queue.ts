import type { CooperativeTask } from './scheduler';

/**
 * The tasks of a scheduler in their order. Who is taken comes from the present round, who is put back stands in the
 * next one: neither moves the others, however many there are.
 */
export class TaskQueue {
  #round: (CooperativeTask | undefined)[] = [];
  #taken = 0;
  #next: CooperativeTask[] = [];

  get size(): number {
    return this.#round.length - this.#taken + this.#next.length;
  }

  add(task: CooperativeTask): void {
    this.#next.push(task);
  }

  /** Takes the task whose turn it is; there has to be one. */
  take(): CooperativeTask {
    if (this.#taken === this.#round.length) {
      this.#round = this.#next;
      this.#next = [];
      this.#taken = 0;
    }
    const task = this.#round[this.#taken] as CooperativeTask;
    // Its place holds nothing: what the task carried is its caller's again.
    this.#round[this.#taken++] = undefined;
    return task;
  }
}
