import type { Row } from '../support/measure';

const WIDTH = 900;
const LANE = 60;
const LEFT = 330;

/** Draws the gaps of the ticker, one lane per row, all at one scale: a person sees where it stood still. */
export function plotGaps(rows: readonly Row[]): string {
  const largest = Math.max(...rows.flatMap(({ gaps }) => gaps), 1);
  const lanes = rows.map(({ work, mode, gaps, largestGapMs }, lane) => {
    const base = (lane + 1) * LANE;
    const width = (WIDTH - LEFT) / gaps.length;
    const bars = gaps.map((gap, index) => {
      const height = (gap / largest) * (LANE - 15);
      const x = LEFT + index * width;
      return `<rect x="${x.toFixed(1)}" y="${(base - height).toFixed(1)}" width="${Math.max(width - 0.5, 0.5).toFixed(1)}" height="${height.toFixed(1)}"/>`;
    });
    const label = `${work}: ${mode}, at most ${largestGapMs.toFixed(0)} ms`;
    return `<text x="5" y="${base - 5}">${label}</text>${bars.join('')}<line x1="${LEFT}" y1="${base}" x2="${WIDTH}" y2="${base}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${rows.length * LANE + 20}" font-family="sans-serif" font-size="10">`,
    '<style>rect { fill: #c33 } line { stroke: #999 }</style>',
    ...lanes,
    '</svg>',
    '',
  ].join('\n');
}
