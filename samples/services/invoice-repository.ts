import 'reflect-metadata';
import { Database } from 'node-sqlite3-wasm';
import { inject, singleton, type Disposable } from 'tsyringe';

/** Rows of a real SQLite file, read synchronously. Opened where it is injected: in each worker that needs it. */
@singleton()
export class InvoiceRepository implements Disposable {
  readonly #database: Database;

  constructor(@inject('database-file') file: string) {
    this.#database = new Database(file, { readOnly: true });
    // This build of SQLite locks the whole file for a query: others wait for their turn, synchronously.
    this.#database.exec('PRAGMA busy_timeout = 10000');
  }

  /** The total of a customer's invoices, after a query that takes its time. */
  totalOf(customer: number): number {
    const row = this.#database.get(
      'SELECT sum(amount * (length(note) > 0)) AS total FROM invoices WHERE customer = ?',
      customer,
    );
    return Number(row?.total ?? 0);
  }

  /** Called when the container of the worker is disposed. */
  dispose(): void {
    this.#database.close();
    console.log('a worker closed its database');
  }
}
