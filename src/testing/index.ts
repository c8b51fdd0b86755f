/// <reference types="node" preserve="true" />
import { loadForCallers } from '../calls/load-later';

export { DeterministicScheduler } from './deterministic-scheduler';
export {
  useInlineExecutors,
  type InlineExecutors,
  type InlineExecutorsOptions,
  type RecordedCall,
} from './inline-executors';

loadForCallers('executors', 'values');
