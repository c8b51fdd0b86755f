import { integerAtLeast, milliseconds, validateOptions } from '../calls/options';
import { TURN_MS } from '../calls/turn';

/** When a cooperative call lets the loop have a turn: after so many steps or so long, whichever comes first. */
export interface CooperativeOptions {
  /** The most steps between two turns of the loop. Default: no limit. */
  readonly yieldEvery?: number;
  /** The longest time between two turns, in milliseconds. Default: 8, or no limit if `yieldEvery` is given. */
  readonly budgetMs?: number;
}

/** The options of a call, all of them given. */
export interface Pace {
  readonly yieldEvery: number;
  readonly budgetMs: number;
}

/** @throws {@link InvalidOptionError} for an unknown option or a wrong value */
export function paceOf(owner: string, given: number | CooperativeOptions | undefined): Pace {
  const options = typeof given === 'number' ? { yieldEvery: given } : given;
  validateOptions<CooperativeOptions>(owner, options, {
    yieldEvery: integerAtLeast(1),
    budgetMs: milliseconds(0),
  });
  const yieldEvery = options?.yieldEvery ?? Infinity;
  return {
    yieldEvery,
    budgetMs: options?.budgetMs ?? (yieldEvery === Infinity ? TURN_MS : Infinity),
  };
}
