import { integerBetween, limitAtLeast, validateOptions } from '../calls/options';
import { queueWords } from './queue-core';
import { allocate, Kind } from './shared-memory';

/** Options of a {@link Queue}. */
export interface QueueOptions {
  /** How many items it holds at most. Default: as many as its bytes hold. */
  readonly maxItems?: number;
  /**
   * How many bytes of memory it has for items, rounded up to a power of two; from 256 to 2 ** 30. Default: 1,048,576.
   */
  readonly capacityBytes?: number;
}

const DEFAULT_CAPACITY_BYTES = 2 ** 20;
const LEAST_CAPACITY_BYTES = 256;
const MOST_CAPACITY_BYTES = 2 ** 30;
const MOST_ITEMS = 2 ** 31 - 1;

const powerOfTwo = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes));

/** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
export function allocateQueue(options: QueueOptions): Int32Array {
  validateOptions('Queue', options, {
    maxItems: limitAtLeast(1),
    capacityBytes: integerBetween(LEAST_CAPACITY_BYTES, MOST_CAPACITY_BYTES),
  });
  const { maxItems = Infinity, capacityBytes = DEFAULT_CAPACITY_BYTES } = options;
  return allocate(Kind.queue, queueWords(powerOfTwo(capacityBytes)), maxItems > MOST_ITEMS ? 0 : maxItems);
}

/** Why an item does not fit into a queue, and which one would do. */
export function tooLarge(what: string, bytes: number, capacity: number): string {
  const larger = Math.min(powerOfTwo(bytes * 4), MOST_CAPACITY_BYTES);
  const mend =
    bytes > MOST_CAPACITY_BYTES
      ? 'Put it in parts.'
      : `Make the queue larger: new Queue({ capacityBytes: ${larger} }), or put it in parts.`;
  return `${what}: the item takes ${bytes} bytes, and the whole queue has ${capacity}. ${mend}`;
}
