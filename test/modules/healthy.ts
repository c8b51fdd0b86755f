import { runInExecutor } from 'offloop';

export const healthy = runInExecutor('broken', () => 'healthy');
