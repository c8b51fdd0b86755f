import 'reflect-metadata';
import { Portable } from 'offloop';
import { injectable } from 'tsyringe';

/** Types are gone from what runs, so that its lines are not those of this file. */
export interface PriceList {
  readonly [item: string]: number;
}

const list: PriceList = { apple: 2, pear: 3 };

@Portable()
export class UnknownItemError extends Error {
  constructor(readonly item: string) {
    super(`no price for ${item}`);
  }
}

@injectable()
export class Prices {
  of(item: string): number {
    if (!(item in list)) throw new UnknownItemError(item); // thrown here
    return list[item];
  }
}
