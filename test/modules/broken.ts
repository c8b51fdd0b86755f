import { existsSync } from 'node:fs';
import { isWorker, RunInExecutor, runInExecutor } from 'offloop';
import { noteImport } from './fixtures';

const { IMPORT_LOG, BREAK_IMPORT } = process.env;

// In workers only, and only while the file is there: so that it can recover.
if (isWorker && IMPORT_LOG) {
  noteImport(IMPORT_LOG);
  if (existsSync(BREAK_IMPORT as string)) throw new RangeError('broken on purpose');
}

export class Broken {
  @RunInExecutor('broken')
  static async who(): Promise<string> {
    return 'mended';
  }

  @RunInExecutor('broken')
  static async where(): Promise<string> {
    return 'here';
  }
}

export const unaffected = runInExecutor('broken', () => 'fine');
