import './memory-of-its-own';
import 'reflect-metadata';
import { runInExecutor, shutdownExecutors } from 'offloop';

afterAll(() => shutdownExecutors());

const echoes = {
  thread: runInExecutor('thread', (array: Float64Array) => array),
  process: runInExecutor('process', (array: Float64Array) => array),
};

describe.each(['thread', 'process'] as const)('from a %s', (kind) => {
  it.each([2, 20_000])("an array of %i numbers stands in memory of the test's own class", async (length) => {
    const array = await echoes[kind](new Float64Array(length));
    expect(array).toEqual(new Float64Array(length));
    expect(array.buffer).toBeInstanceOf(ArrayBuffer);
  });
});
