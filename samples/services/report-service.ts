import 'reflect-metadata';
import { injectable } from 'tsyringe';
import { RunInExecutor } from 'offloop';
import { InvoiceRepository } from './invoice-repository';

@injectable()
export class ReportService {
  constructor(private readonly invoices: InvoiceRepository) {}

  totalOnLoop(customer: number): number {
    return this.invoices.totalOf(customer);
  }

  @RunInExecutor('reports')
  async total(customer: number): Promise<number> {
    return this.invoices.totalOf(customer);
  }
}
