import { runScript } from '../support/run-script';

const median = (values: number[]): number => values.sort((left, right) => left - right)[values.length >> 1];

describe('a script that made 10,000 calls with 1,000 in flight', () => {
  it.each(['thread', 'process', 'inline'])(
    'ends by itself within half a second of its last result: %s',
    async (kind) => {
      const outlived: number[] = [];
      for (let round = 0; round < 3; round++) {
        const { stdout, stderr, code } = await runScript('test/lifecycle/exit-script.mjs', { args: [kind] });
        expect([stderr, code]).toEqual(['', 0]);
        const { wrong, outlivedMs } = JSON.parse(stdout) as { wrong: number; outlivedMs: number };
        expect(wrong).toBe(0);
        outlived.push(outlivedMs);
      }
      expect(median(outlived)).toBeLessThan(500);
    },
  );
});
