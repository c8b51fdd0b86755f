import { Portable } from 'offloop';

/** Of a module that no method of the tests imports. */
@Portable()
export class BroughtError extends Error {
  constructor(readonly from: string) {
    super(`brought from ${from}`);
  }

  describe(): string {
    return this.from;
  }
}
