import 'reflect-metadata';
import { Portable, RunInExecutor, Transient, transfer } from 'offloop';

/** The executor under test is registered under this name. */
export const UNDER_TEST = 'data-under-test';

/** Of the name of a class of offloop. */
class QueueFullError extends Error {
  constructor(readonly printer: string) {
    super(`${printer} has no more room`);
  }
}

/** As the one of chai. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
  readonly showDiff = true;
}

@Portable()
export class PrinterError extends Error {
  @Transient()
  readonly password: string = 'secret';

  constructor(readonly printer: string) {
    super(`${printer} is out of paper`);
  }
}

const thrown = {
  queueFull: () => new QueueFullError('a printer'),
  assertion: () => new AssertionError('a printer'),
  portable: () => new PrinterError('a printer'),
};

export class Data {
  @RunInExecutor(UNDER_TEST)
  static async fail(kind: keyof typeof thrown): Promise<never> {
    throw thrown[kind]();
  }

  @RunInExecutor(UNDER_TEST)
  static async echo(...values: unknown[]): Promise<unknown> {
    return values[0];
  }

  @RunInExecutor(UNDER_TEST, { transfer: (...parts: Uint8Array[]) => parts.map(({ buffer }) => buffer) })
  static async take(...parts: Uint8Array[]): Promise<number[]> {
    return parts.map(({ length }) => length);
  }

  @RunInExecutor(UNDER_TEST)
  static async giveHalves(): Promise<Uint8Array[]> {
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    return [
      transfer(new Uint8Array(buffer, 0, 2), [buffer]),
      transfer(new Uint8Array(buffer, 2, 2), [buffer, buffer]),
    ];
  }
}
