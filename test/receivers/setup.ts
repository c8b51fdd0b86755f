import { appendFileSync } from 'node:fs';
import type { DependencyContainer } from 'tsyringe';

export default async function setUp(container: DependencyContainer): Promise<void> {
  const { SETUP_LOG, BREAK_SETUP } = process.env;
  if (SETUP_LOG) appendFileSync(SETUP_LOG, 'x');
  await new Promise((resolve) => setTimeout(resolve, 10));
  if (BREAK_SETUP) throw new RangeError('the database is away');
  container.register('from setup', { useValue: { open: () => 'opened' } });
}
