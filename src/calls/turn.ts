import { clock, setImmediate } from './clock';

/** How long one goes on without a turn of the loop, in milliseconds: timers and sockets wait meanwhile. */
export const TURN_MS = 8;

/** When the present turn of the loop was first asked about. */
let began: number | undefined;

const turnHasEnded = (): void => (began = undefined);

/** About when the present turn of the loop began: when it was first asked about. */
export function beginOfTurn(): number {
  if (began === undefined) {
    began = clock.now();
    setImmediate(turnHasEnded);
  }
  return began;
}

/** True when one has gone on for long enough since the loop turned. */
export function isTurnDue(): boolean {
  return clock.now() - beginOfTurn() > TURN_MS;
}
