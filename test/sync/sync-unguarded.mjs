import { runInExecutor } from 'offloop';
import { asyncToSync } from 'offloop/sync';

console.log(asyncToSync(runInExecutor('thread', async function answer() {}))());
