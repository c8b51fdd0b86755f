import { runInExecutor } from 'offloop';

export const healthy = runInExecutor('broken', (_argument?: unknown) => 'healthy');
