import { Portable, RunInExecutor } from 'offloop';

@Portable()
export class OutOfStock extends Error {
  override readonly name = 'OutOfStock';

  constructor(readonly article: string) {
    super(`${article} is out of stock`);
  }
}

@Portable()
export class Quantity {
  constructor(readonly count: number) {}

  twice(): number {
    return this.count * 2;
  }
}

export class Store {
  @RunInExecutor()
  async order(article: string): Promise<void> {
    throw new OutOfStock(article);
  }

  @RunInExecutor('process')
  async count({ count }: Quantity): Promise<Quantity> {
    return new Quantity(count + 1);
  }
}
