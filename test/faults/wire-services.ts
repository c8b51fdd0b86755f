import { appendFileSync, writeSync } from 'node:fs';
import { Portable, RunInExecutor } from 'offloop';
import { EXECUTOR } from './support';

const OUTCOMES = 4;

@Portable()
export class Coin {
  constructor(readonly cents: number) {}
}

export class Target {
  static log = '';

  @RunInExecutor(EXECUTOR)
  static async allowed(value?: unknown): Promise<string> {
    return `allowed ${typeof value}`;
  }

  /** Nobody decorated it. */
  static forbidden(log: string): string {
    appendFileSync(log, 'forbidden ran\n');
    return 'forbidden';
  }

  @RunInExecutor(EXECUTOR)
  static async echo(value: unknown): Promise<unknown> {
    return value;
  }

  @RunInExecutor(EXECUTOR)
  static async coin(cents: number): Promise<Coin> {
    return new Coin(cents);
  }

  @RunInExecutor(EXECUTOR)
  static async pollution(): Promise<string> {
    return JSON.stringify([({} as { polluted?: unknown }).polluted ?? null, Object.keys(Object.prototype)]);
  }

  @RunInExecutor(EXECUTOR)
  async instance(): Promise<string> {
    return 'instance';
  }

  /** Writes what it likes where outcomes go, then answers as it should. */
  @RunInExecutor(EXECUTOR)
  static async forge(bytes: Uint8Array): Promise<string> {
    writeSync(OUTCOMES, bytes);
    return 'its own';
  }
}

export function undecorated(log: string): void {
  appendFileSync(log, 'undecorated ran\n');
}
