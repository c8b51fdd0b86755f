/**
 * What sharing the loop costs a computation, and how late it makes others: `npm run bench:cooperative`.
 * Each contender runs in a process of its own, in another order each round.
 */
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Cooperative, cooperative, type Steps } from 'offloop';
import { median, pairedRatios, spreadOf, type Spread } from './statistics';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Walk = Generator<void, number, void>;

const FROM = 50_000_000;
const STEPS = 5_000_000;

/** The same loop without a yield: it counts the turns that it would take. */
function plainCountDown(): number {
  let counter = FROM;
  let turns = 0;
  while (counter > 0) {
    if (counter % 1_000 === 0) turns++;
    counter--;
  }
  return turns;
}

/** The same loop as a generator that has a yield and never comes to it: what the engine makes of generators. */
function* neverYielding(): Walk {
  let counter = FROM;
  let turns = 0;
  while (counter > 0) {
    if (counter % 1_000 === 0) {
      if (turns < 0) yield;
      turns++;
    }
    counter--;
  }
  return turns;
}

function* countDown(): Walk {
  let counter = FROM;
  while (counter > 0) {
    if (counter % 1_000 === 0) yield;
    counter--;
  }
  return counter;
}

function* everyStep(): Walk {
  let counter = STEPS;
  while (counter > 0) {
    yield;
    counter--;
  }
  return counter;
}

const load = (): Json =>
  JSON.parse(readFileSync(require.resolve('@mdn/browser-compat-data'), 'utf8')) as Json;

function plainWalk(document: Json): number {
  const stack: Json[] = [document];
  let keys = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const child of Object.values(node)) {
      keys++;
      stack.push(child);
    }
  }
  return keys;
}

function* walk(document: Json): Walk {
  const stack: Json[] = [document];
  let keys = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node === 'object' && node !== null) {
      for (const child of Object.values(node)) {
        keys++;
        stack.push(child);
      }
    }
    yield;
  }
  return keys;
}

/** As a user writes it. */
class Computations {
  byTime(): Promise<number>;
  @Cooperative({ budgetMs: 8 })
  *byTime(): Steps<number> {
    return yield* countDown();
  }

  byStep(): Promise<number>;
  @Cooperative(1)
  *byStep(): Steps<number> {
    return yield* countDown();
  }
}

const through = (steps: Walk): void => {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  for (const _ of steps);
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** How late a 10 ms ticker is while so many calls share the same work, in milliseconds. */
async function lateness(calls: number): Promise<number> {
  const call = cooperative({ budgetMs: 8 }, function* (steps: number): Walk {
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      for (let inner = 0; inner < 100; inner++) sum += inner;
      yield;
    }
    return sum;
  });
  const work = (): Promise<unknown> =>
    Promise.all(Array.from({ length: calls }, () => call(Math.round(4_000_000 / calls))));
  await work();
  let worst = 0;
  let last = performance.now();
  const ticker = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 10);
    last = now;
  }, 10);
  await work();
  clearInterval(ticker);
  return Math.max(worst, performance.now() - last - 10);
}

/** Steps of the call with N = 1 by the time that ten with N = 1,000,000 of cheap steps have ended. */
async function progress(): Promise<number> {
  let own = 0;
  let othersLeft = 10;
  let before = 0;
  const alone = cooperative(1, function* (): Walk {
    for (; own < 300; own++) yield;
    return own;
  });
  const others = cooperative(1_000_000, function* (): Walk {
    for (let step = 0; step < 20_000_000; step++) yield;
    if (--othersLeft === 0) before = own;
    return 0;
  });
  await Promise.all([alone(), ...Array.from({ length: 10 }, () => others())]);
  if (own !== 300) throw new Error('the call with N = 1 did not finish');
  return before;
}

async function timed(fn: () => unknown): Promise<number> {
  const figures: number[] = [];
  for (let run = 0; run < 4; run++) {
    const begin = performance.now();
    await fn();
    if (run > 0) figures.push(performance.now() - begin);
  }
  return median(figures);
}

const computations = new Computations();
const contenders: Record<string, () => Promise<number>> = {
  'plain loop': () => timed(plainCountDown),
  'the generator, never yielding': () => timed(() => through(neverYielding())),
  'bare for-of': () => timed(() => through(countDown())),
  'by time, 8 ms': () => timed(cooperative({ budgetMs: 8 }, countDown)),
  'by time, 8 ms, a decorated method': () => timed(() => computations.byTime()),
  'N = 1': () => timed(cooperative(1, countDown)),
  'N = 1, a decorated method': () => timed(() => computations.byStep()),
  'bare setImmediate, 50,000 turns': () => timed(() => turns(FROM / 1_000)),
  'every step: bare for-of': () => timed(() => through(everyStep())),
  'every step: by time': () => timed(cooperative({ budgetMs: 8 }, everyStep)),
  'every step: N = 10,000': () => timed(cooperative(10_000, everyStep)),
  'JSON: plain walk': () => {
    const document = load();
    return timed(() => plainWalk(document));
  },
  'JSON: bare for-of': () => {
    const document = load();
    return timed(() => through(walk(document)));
  },
  'JSON: by time': () => {
    const document = load();
    return timed(() => cooperative({ budgetMs: 8 }, walk)(document));
  },
  'late: 1 call': () => lateness(1),
  'late: 10 calls': () => lateness(10),
  'late: 100 calls': () => lateness(100),
  'steps of N = 1 beside ten of N = 1,000,000': progress,
};

/** A figure, or its ratio to another's, and what it may be at most (or, below zero, at least). */
const targets: readonly [contender: string, against: string | undefined, limit: number][] = [
  ['by time, 8 ms', 'plain loop', 1.1],
  ['by time, 8 ms', 'the generator, never yielding', 1.1],
  ['by time, 8 ms', 'bare for-of', 1.1],
  ['N = 1', 'plain loop', 1.5],
  ['N = 1', 'the generator, never yielding', 1.5],
  ['every step: by time', 'every step: bare for-of', 1.15],
  ['JSON: by time', 'JSON: plain walk', 1.7],
  ['late: 1 call', undefined, 18],
  ['late: 10 calls', undefined, 18],
  ['late: 100 calls', undefined, 18],
  ['steps of N = 1 beside ten of N = 1,000,000', undefined, -1],
];

const format = ({ median, least, most }: Spread): string =>
  `${median.toPrecision(3)} (${least.toPrecision(3)} to ${most.toPrecision(3)})`;

function main(): void {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
  const names = Object.keys(contenders);
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      figures[name].push(Number(execFileSync(process.execPath, [__filename, '--measure', name])));
    }
  }
  console.log(`node ${process.version}, ${values.rounds} rounds: median (least to most)\n`);
  for (const name of names) console.log(`  ${name.padEnd(44)} ${format(spreadOf(figures[name]))}`);
  console.log();
  for (const [name, against, limit] of targets) {
    const spread = against ? pairedRatios(figures[name], figures[against]) : spreadOf(figures[name]);
    const isMet = limit < 0 ? spread.median >= -limit : spread.median <= limit;
    const than = against ? ` times ${against}` : '';
    console.log(`  ${isMet ? 'met   ' : 'MISSED'} ${name}: ${format(spread)}${than}, target ${limit}`);
  }
}

const measured = process.argv.indexOf('--measure');
if (measured < 0) main();
else void contenders[process.argv[measured + 1]]().then((figure) => console.log(figure));
