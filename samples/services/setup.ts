import type { DependencyContainer } from 'tsyringe';

/** What each worker registers before its first call, and the main thread too. */
export default function setUp(container: DependencyContainer): void {
  container.register('database-file', { useValue: process.env.SAMPLE_DATABASE });
}
