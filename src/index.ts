/// <reference types="node" preserve="true" />
import { loadForCallers } from './calls/load-later';

export { Call, type CallOptions, type Envelope } from './calls/call';
export {
  CallableNotFoundError,
  CallTimeoutError,
  ExecutorNotFoundError,
  ExecutorShutdownError,
  InvalidExecutorError,
  InvalidOptionError,
  NotCloneableError,
  QueueFullError,
  WorkerImportError,
  WorkerLostError,
  WorkerStartError,
} from './calls/errors';
export { isWorker } from './calls/is-worker';
export type { ReceiverMode } from './calls/receiver';
export { configureExecutors, type ExecutorSettings } from './calls/settings';
export { transfer, type TransferItem } from './calls/values/transfer';
export type { Steps } from './cooperative/generator-task';
export type { CooperativeOptions } from './cooperative/options';
export { due, pause } from './cooperative/pause';
export { Scheduler, type CooperativeTask } from './cooperative/scheduler';
export { Cooperative, cooperative, type CooperativeDecorator } from './decorators/cooperative';
export { Portable, Transient } from './decorators/portable';
export {
  RunInExecutor,
  runInExecutor,
  type OffloadedFunction,
  type RunInExecutorDecorator,
} from './decorators/run-in-executor';
export { withContainer } from './di/current-container';
export { shutdownExecutors } from './di/executor-owner';
export { registerExecutor, type ExecutorProvider } from './di/register-executor';
export type { ExecutorNames, ExecutorReference } from './di/resolve-executor';
export { executorToken } from './di/tokens';
export { verifyExecutors } from './di/verify-executors';
export {
  Executor,
  type ExecutorStatistics,
  type MapOptions,
  type ShutdownOptions,
} from './executors/executor';
export { InlineExecutor, type InlineOptions } from './executors/inline-executor';
export type { PoolOptions } from './executors/pool-options';
export { ProcessExecutor } from './executors/process-executor';
export { ThreadExecutor } from './executors/thread-executor';

loadForCallers('executors', 'values');
