import { existsSync } from 'node:fs';
import { WorkerStartError } from '../../calls/errors';
import { guardIt } from '../../calls/import-refusal';
import type { WorkerSettings } from '../../calls/wire/frames';
import { hostState } from '../../calls/host-state';
import { executorSettings } from '../../calls/settings';
import { keepExternal, workerPath } from '../../calls/worker-path';
import { isUnderTest, type PoolOptions } from '../pool-options';

/** A program that lacks its guard may have each worker start another one, when its import is over. */
const DEEPEST = 8;

/**
 * What a new worker of an executor with these options is told.
 *
 * @throws {@link WorkerStartError} when too many workers are within one another
 */
export function workerSettings(options: PoolOptions): WorkerSettings {
  const { setup = executorSettings.setup } = options;
  return {
    setup: setup === undefined ? undefined : String(setup),
    loader: options.loader ?? executorSettings.loader,
    // A program may have switched it on itself, which workers do not inherit.
    sourceMaps: (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true,
    underTest: isUnderTest || runsTests(),
    depth: depthBelow(),
  };
}

function depthBelow(): number {
  const depth = hostState()?.depth ?? 0;
  if (depth < DEEPEST) return depth + 1;
  throw new WorkerStartError(`workers have started workers, ${depth} of them within one another. ${guardIt}`);
}

/** Whether Mocha, or the test runner of Node.js, runs here: the first sets globals, the second is loaded. */
function runsTests(): boolean {
  const { describe, it } = globalThis as { describe?: unknown; it?: unknown };
  if (typeof describe === 'function' && typeof it === 'function') return true;
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  return process.env.NODE_TEST_CONTEXT !== undefined || moduleLoadList.includes('NativeModule test');
}

/**
 * A file of `src/worker/`, to start a worker from.
 *
 * @throws {@link WorkerStartError} when it is not there
 */
export function workerFile(name: string): string {
  const file = workerPath(name);
  if (existsSync(file)) return file;
  throw new WorkerStartError(
    `offloop has no ${file}: a bundler has left out the files that workers start from. ${keepExternal}`,
  );
}

/** Options of `node` that a program, or its kind, follows: the child has one of its own, and must not run this one again. */
const program = /^(-e|-pe?|--(eval|print|input-type))$/;
/**
 * The same in one piece, and what makes sense for such a program only. A debugger's port is the program's too: a child
 * cannot have it, or would wait for a debugger of its own.
 */
const ofProgram = /^(--(eval|print|input-type)=|(-i|--interactive|--test)$|--inspect(-brk|-wait)?(=|$))/;
/** `ts-node` adds itself to the options, and would look for its settings elsewhere. */
const tsNode = /[\\/]ts-node[\\/]dist[\\/]bin[^\\/]*\.js$/;

/** The options of `node` that a child inherits. As `fork` does, without a program given on the command line. */
export function inheritedExecArgv(): string[] {
  const inherited: string[] = [];
  for (let index = 0; index < process.execArgv.length; index++) {
    const option = process.execArgv[index];
    if (tsNode.test(option)) break;
    if (program.test(option)) index++;
    else if (!ofProgram.test(option)) inherited.push(option);
  }
  return inherited;
}
