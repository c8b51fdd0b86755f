/** Where the child finds its pipes, behind stdin, stdout and stderr. */
export const PipeFd = {
  /** To the child: calls. */
  calls: 3,
  /** From the child: outcomes. */
  outcomes: 4,
  /** To and from the child's watchdog: ids of calls to take back, and of those that were. */
  watchdog: 5,
} as const;
