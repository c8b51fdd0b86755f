export { DeterministicScheduler } from './deterministic-scheduler';
