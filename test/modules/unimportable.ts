import { isWorker, Portable } from 'offloop';

if (isWorker) throw new RangeError('broken in workers');

@Portable()
export class Unimportable {
  readonly value = 1;
}
