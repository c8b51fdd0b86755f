import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Portable } from 'offloop';

const { SETUP_LOG = '', SETUP_FAULT = '' } = process.env;

/** The application does not know it: only workers import this module. */
@Portable()
class Unavailable extends Error {}

export default async function setup(): Promise<void> {
  appendFileSync(SETUP_LOG, 'started\n');
  const fault = existsSync(SETUP_FAULT) ? readFileSync(SETUP_FAULT, 'utf8') : '';
  if (fault === 'throws') throw new RangeError('on purpose');
  if (fault === 'throws what only workers know') throw new Unavailable('the database is away');
  if (fault === 'ends its worker') process.exit(4);
  if (fault === 'hangs') await new Promise(() => setInterval(() => undefined, 1_000));
}
