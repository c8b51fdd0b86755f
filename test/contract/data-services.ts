import 'reflect-metadata';
import { RunInExecutor, transfer } from 'offloop';

/** The executor under test is registered under this name. */
export const UNDER_TEST = 'data-under-test';

export class Data {
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
