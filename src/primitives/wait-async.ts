type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { async: false; value: string } | { async: true; value: Promise<string> };

/** `Atomics.waitAsync`, which the library of TypeScript knows only as of ES2024. */
export const waitAsync = (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync;
