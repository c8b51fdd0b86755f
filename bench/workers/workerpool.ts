import { worker } from 'workerpool';
import { tasks } from './tasks';

worker(tasks);
