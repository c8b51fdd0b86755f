import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from 'node-sqlite3-wasm';

export const CUSTOMERS = 8;
const INVOICES = 100_000;

/** Writes a SQLite file, and returns its path. */
export function createDatabase(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'offloop-sample-')), 'invoices.sqlite');
  const database = new Database(file);
  database.exec('CREATE TABLE invoices (customer INTEGER, amount INTEGER, note TEXT)');
  database.run(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
     INSERT INTO invoices SELECT n % ?, n % 100, 'invoice ' || n FROM numbers`,
    [INVOICES, CUSTOMERS],
  );
  database.close();
  return file;
}
