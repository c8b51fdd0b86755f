import { isWorker, Portable } from 'offloop';

if (isWorker) await new Promise(() => undefined);

export class Endless {}
Portable()(Endless);
