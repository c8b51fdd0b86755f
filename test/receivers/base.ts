import { RunInExecutor } from 'offloop';

export const EXECUTOR = 'receivers';

export abstract class Base {
  readonly kind: string = 'base';

  @RunInExecutor(EXECUTOR)
  async name(): Promise<string> {
    return `${this.constructor.name} ${this.kind}`;
  }

  @RunInExecutor(EXECUTOR)
  static async ofTheClass(): Promise<string> {
    return this.name;
  }
}
