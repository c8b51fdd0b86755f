/** Where the child finds its pipes, behind stdin, stdout and stderr. */
export const PipeFd = {
  /** To the child: calls. */
  calls: 3,
  /** From the child: outcomes. */
  outcomes: 4,
  /** To and from the child's watchdog: ids of calls to take back, and of those that were. */
  watchdog: 5,
} as const;

/** Ids for the pipe of the watchdog. */
export function idsToBytes(ids: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(ids).buffer);
}

/** Takes what comes over that pipe, in pieces of any length, and tells of the ids that are whole. */
export function readIds(onIds: (ids: number[]) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const ids: number[] = [];
    for (; rest.length >= 4; rest = rest.subarray(4)) ids.push(rest.readUInt32LE(0));
    onIds(ids);
  };
}
