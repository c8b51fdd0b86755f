import { runInExecutor } from 'offloop';

/** What the setup module, or its loader, has left in the environment of the worker. */
export const loadedBy = runInExecutor('loaders', () => process.env.LOADED_BY);
