/**
 * Compares offloop with its peers and with floors written by hand.
 *
 *   npm run bench                      the short form
 *   npm run bench -- --full            more rounds, more calls, more peers
 *   npm run bench -- --only burst      the comparisons whose title has the word
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { drawChart } from './chart';
import { judge, printComparison, type Result } from './report';
import { suite, type Comparison } from './suite';
import { workloads, type Metrics } from './workloads';

const run = promisify(execFile);
const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.full ? 9 : 5));

/** One contender in a process of its own. */
async function measure(contender: string, workload: string): Promise<Metrics> {
  const args = [
    // For this one alone: with a flag of the engine, Node.js starts without its code cache.
    ...(workloads[workload].collectsGarbage ? ['--expose-gc'] : []),
    join(__dirname, 'measure.js'),
    contender,
    workload,
    options.full ? 'full' : 'short',
  ];
  const { stdout } = await run(process.execPath, args, { timeout: 120_000, maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Metrics;
}

/**
 * Another order in each round, turned further every other time and read backwards in between: nobody always runs
 * first, or after the same neighbour, which may have left the machine hot.
 */
function orderOf(contenders: readonly string[], round: number): readonly string[] {
  const first = (round >> 1) % contenders.length;
  const turned = [...contenders.slice(first), ...contenders.slice(0, first)];
  return round % 2 === 0 ? turned : turned.reverse();
}

async function compare(comparison: Comparison): Promise<Result> {
  const { subject, others, more = [], workload } = comparison;
  const contenders = [subject, ...others, ...(options.full ? more : [])];
  const figures: Record<string, Metrics[]> = {};
  for (const contender of contenders) figures[contender] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contender of orderOf(contenders, round)) {
      figures[contender].push(await measure(contender, workload));
    }
  }
  return { title: comparison.title, subject, figures, verdicts: judge(comparison, figures) };
}

async function main(): Promise<void> {
  const machine = {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    rounds,
    form: options.full ? 'full' : 'short',
  };
  console.log(
    Object.entries(machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
  );
  const begin = performance.now();
  const results: Result[] = [];
  for (const comparison of suite) {
    if (options.only && !comparison.title.includes(options.only)) continue;
    const result = await compare(comparison);
    printComparison(result);
    results.push(result);
  }
  const verdicts = results.flatMap((result) => result.verdicts);
  const met = verdicts.filter(({ isMet }) => isMet).length;
  const seconds = Math.round((performance.now() - begin) / 1_000);
  console.log(`\n${met} of ${verdicts.length} targets met, in ${seconds} s`);
  const folder = join(__dirname, '..', 'results');
  mkdirSync(folder, { recursive: true });
  const name = options.full ? 'full' : 'short';
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine, results }, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.svg`), drawChart(results));
  console.log(`bench/results/${name}.json and ${name}.svg have all figures`);
}

void main();
