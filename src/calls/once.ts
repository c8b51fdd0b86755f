/** What runs `fn` the first time, and nothing later. */
export function once<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
  let hasRun = false;
  return (...args) => {
    if (hasRun) return;
    hasRun = true;
    fn(...args);
  };
}
