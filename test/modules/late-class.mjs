import { setTimeout as sleep } from 'node:timers/promises';
import { isWorker, Portable } from 'offloop';

// Workers take longer to import it than the method that is handed a Late may run.
if (isWorker) await sleep(1_500);

export class Late {}
Portable()(Late);
