import 'reflect-metadata';
import { injectable } from 'tsyringe';
import { RunInExecutor } from 'offloop';

@injectable()
export class ReportService {
  /** A report that takes a while to compute. */
  @RunInExecutor('process', { timeoutMs: 30_000 })
  async render(id: string): Promise<string> {
    let sum = 0;
    for (const end = performance.now() + 500; performance.now() < end;) sum++;
    return `report ${id}: ${sum > 0 ? 'done' : 'empty'}`;
  }
}
