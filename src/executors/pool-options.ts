import { availableParallelism } from 'node:os';
import { InvalidOptionError } from '../calls/errors';
import {
  integerAtLeast,
  limitAtLeast,
  megabytes,
  milliseconds,
  text,
  that,
  validateOptions,
} from '../calls/options';
import { settingsChecks } from '../calls/settings';

/** Options of {@link ThreadExecutor} and {@link ProcessExecutor}; times are in milliseconds. */
export interface PoolOptions {
  /** Workers that start with the first call, and are kept even when idle. Default: 0: they start as they are needed. */
  readonly minWorkers?: number;
  /** The most workers, at least 1. Default: threads min(32, cores + 4), processes the number of cores, as in Python. */
  readonly maxWorkers?: number;
  /** How long a worker may be idle before it ends, from 0. Default: 30,000. */
  readonly idleTimeoutMs?: number;
  /** The most calls that may wait for a worker, from 0; more are refused. Default: Infinity. */
  readonly maxQueue?: number;
  /** After so many calls, at least 1, a worker is replaced by a fresh one. Default: Infinity. */
  readonly maxCallsPerWorker?: number;
  /**
   * How long a worker may take to start and run its setup module, to import a module, or, when it retires, to dispose
   * its container. Default: 30,000.
   */
  readonly startTimeoutMs?: number;
  /** Memory limits of a worker, as for `worker_threads`; a process heeds `maxOldGenerationSizeMb`. Default: none. */
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
    readonly codeRangeSizeMb?: number;
    readonly stackSizeMb?: number;
  };
  /** The environment of the workers. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Options of `node` for the workers. Default: those of this process; for processes without `--inspect` and the like. */
  readonly execArgv?: readonly string[];
  /** As in `configureExecutors`, for the workers of this executor. Default: what it says there. */
  readonly setup?: string | URL;
  /** As in `configureExecutors`, for the workers of this executor. Default: what it says there. */
  readonly loader?: string;
}

/** Whether this runs within a test runner, which may give each test file globals and modules of its own. */
export const isUnderTest = process.env.JEST_WORKER_ID !== undefined || process.env.VITEST !== undefined;

/** The number of cores that this process may use. */
export const cores = availableParallelism();

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** Checks the options of a pool. */
export function validatePoolOptions(owner: string, options: PoolOptions): void {
  validateOptions(owner, options, {
    minWorkers: integerAtLeast(0),
    maxWorkers: integerAtLeast(1),
    idleTimeoutMs: milliseconds(0),
    maxQueue: limitAtLeast(0),
    maxCallsPerWorker: limitAtLeast(1),
    startTimeoutMs: milliseconds(1),
    resourceLimits: that('an object of limits in megabytes', isObject),
    env: that('an object of variables', isObject),
    execArgv: that('an array of strings', isListOfTexts),
    ...settingsChecks,
  });
  const { minWorkers, maxWorkers, resourceLimits, env = {} } = options;
  validateOptions(`${owner}, resourceLimits`, resourceLimits, {
    maxOldGenerationSizeMb: megabytes,
    maxYoungGenerationSizeMb: megabytes,
    codeRangeSizeMb: megabytes,
    stackSizeMb: megabytes,
  });
  validateOptions(`${owner}, env`, env, Object.fromEntries(Object.keys(env).map((name) => [name, text])));
  if (minWorkers !== undefined && maxWorkers !== undefined && minWorkers > maxWorkers) {
    throw new InvalidOptionError(`${owner}: minWorkers (${minWorkers}) is above maxWorkers (${maxWorkers}).`);
  }
}

/** What is told of a pool in numbers, all of them given. */
type Limit =
  'minWorkers' | 'maxWorkers' | 'idleTimeoutMs' | 'startTimeoutMs' | 'maxQueue' | 'maxCallsPerWorker';

/** The limits of a pool, and what differs between threads and processes. */
export interface PoolLimits extends Required<Pick<PoolOptions, Limit>> {
  /** About how long a worker takes to start: growing pays only if it is needed for longer. */
  readonly startMs: number;
  /** How many calls a worker may hold, however short they are. */
  readonly mostAhead: number;
  /** Whether the workers share this process's memory. */
  readonly sharedMemory: boolean;
}

/** The limits of a pool with these options; what differs between threads and processes is given beside them. */
export function poolLimits(
  options: PoolOptions,
  own: Pick<PoolLimits, 'startMs' | 'mostAhead' | 'sharedMemory'>,
  defaultMaxWorkers: number,
): PoolLimits {
  const { minWorkers = 0, maxWorkers = Math.max(minWorkers, defaultMaxWorkers) } = options;
  const { idleTimeoutMs = 30_000, startTimeoutMs = 30_000 } = options;
  const { maxQueue = Infinity, maxCallsPerWorker = Infinity } = options;
  return { ...own, minWorkers, maxWorkers, idleTimeoutMs, startTimeoutMs, maxQueue, maxCallsPerWorker };
}
