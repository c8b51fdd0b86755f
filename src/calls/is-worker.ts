import { hostState } from './host-state';

/**
 * True in a thread or process that an executor started. The entry file of a program that defines decorated
 * classes guards its start with it, as in Python's `if __name__ == '__main__'`: `if (!isWorker) void main();`
 *
 * Nothing that a worker starts with imports this module, so that it is evaluated when the answer is known.
 */
export const isWorker: boolean = hostState() !== undefined;
