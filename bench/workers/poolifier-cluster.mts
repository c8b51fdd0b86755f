import { ClusterWorker } from 'poolifier';
import { tasks } from './tasks.js';

export default new ClusterWorker(tasks as never);
