import { pairedRatios, spreadOf, type Spread } from './statistics';
import type { Comparison, Target } from './suite';
import type { Metrics } from './workloads';

export interface Verdict {
  readonly text: string;
  readonly isMet: boolean;
}

/** What a comparison gave: all figures, round by round, and what they say of the targets. */
export interface Result {
  readonly title: string;
  readonly subject: string;
  readonly figures: Readonly<Record<string, Metrics[]>>;
  readonly verdicts: readonly Verdict[];
}

const column = (figures: Result['figures'], contender: string, metric: string): number[] =>
  figures[contender].map((metrics) => metrics[metric]);
const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const range = ({ median, least, most }: Spread): string =>
  `${number(median)} (${number(least)} to ${number(most)})`;

/** What offloop's figures say of its targets. */
export function judge({ subject, targets }: Comparison, figures: Result['figures']): Verdict[] {
  return targets.map((target) => {
    const own = column(figures, subject, target.metric);
    const other = bestOf(target, figures);
    const spread = other ? pairedRatios(own, column(figures, other, target.metric)) : spreadOf(own);
    const isMet = spread.median <= target.atMost;
    const than = other ? `of ${other}` : '';
    const text = `${target.metric} ${range(spread)} ${than}, target ${number(target.atMost)}: ${isMet ? 'met' : 'MISSED'}`;
    return { text, isMet };
  });
}

function bestOf({ against, metric }: Target, figures: Result['figures']): string | undefined {
  if (against === null || typeof against === 'string') return against ?? undefined;
  const present = against.filter((name) => name in figures);
  const medians = present.map((name) => spreadOf(column(figures, name, metric)).median);
  return present[medians.indexOf(Math.min(...medians))];
}

/** Every contender, the losing rows too, fastest first. */
export function printComparison({ title, subject, figures, verdicts }: Result): void {
  console.log(`\n${title}`);
  const [metric] = Object.keys(figures[subject][0]);
  const own = column(figures, subject, metric);
  const rows = Object.keys(figures)
    .map((contender) => {
      const values = column(figures, contender, metric);
      return { contender, spread: spreadOf(values), ratio: pairedRatios(values, own) };
    })
    .sort((left, right) => left.spread.median - right.spread.median);
  for (const { contender, spread, ratio } of rows) {
    const times = contender === subject ? '' : `  ${range(ratio)} times offloop`;
    console.log(`  ${contender.padEnd(28)} ${range(spread).padStart(26)} ${metric}${times}`);
  }
  for (const { text } of verdicts) console.log(`  -> ${text}`);
}
