import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, run } from './command.mjs';
import { homeFolder, userEnv, yarn } from './install.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const executors = ['thread', 'process'];
const RUN_MS = 120_000;
/** A script whose last result is told ends within this time, by itself. */
const END_MS = 5_000;
/** The processes of each test file that runs, and those of a file before it that are about to end. */
const mostWorkers = (filesAtOnce) => filesAtOnce + 1;
/** What test runners say of workers that keep them from ending. */
const leftOpen =
  /did not exit|open handle|failed to exit gracefully|force exited|close timed out|hanging-process/i;

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    sourceMap: true,
    isolatedModules: true,
    esModuleInterop: true,
    types: ['node'],
    outDir: 'out',
  },
  // tsx has the options hold for the files that are named here, and for no other.
  include: ['*.ts'],
};

/** Writes the project of a consumer, and builds it. */
export async function writeProject(folder, consumer, nodeFolder) {
  const {
    name,
    home,
    type,
    files,
    sources = 'service',
    edit = (_, text) => text,
    rename = {},
    build = [],
  } = consumer;
  const cwd = join(homeFolder(folder, home), slug(name));
  if (home !== 'pnpm' && home !== 'yarn') rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true });
  const write = (file, text) => writeFileSync(join(cwd, rename[file] ?? file), text);
  for (const file of readdirSync(join(here, sources))) {
    const text = edit(file, readFileSync(join(here, sources, file), 'utf8'));
    if (!file.endsWith('-test.ts')) write(file, text);
    else if (file === 'service-test.ts' && !consumer.many) write('service.test.ts', text);
    else if (file === 'many-test.ts')
      for (let index = 1; index <= (consumer.many ?? 0); index++) write(`many-${index}.test.ts`, text);
  }
  write('tsconfig.json', JSON.stringify(tsconfig, undefined, 2));
  // Those of pnpm and yarn are part of the project that has the packages installed.
  if (home !== 'pnpm' && home !== 'yarn')
    write('package.json', JSON.stringify({ name: slug(name), private: true, type }));
  for (const [file, text] of Object.entries(files ?? {})) write(file, text);
  const env = environment(folder, consumer, nodeFolder);
  for (const command of build) await mustRun(command, { cwd, env, timeoutMs: RUN_MS });
  return cwd;
}

/** Runs a consumer, and tells what was wrong, by executor; and what was wrong with it as a whole. */
export async function runProject(folder, consumer, nodeFolder) {
  const cwd = join(homeFolder(folder, consumer.home), slug(consumer.name));
  const records = join(cwd, 'records');
  rmSync(records, { force: true });
  const env = {
    ...environment(folder, consumer, nodeFolder),
    ...consumer.env,
    CONSUMER_RECORDS: records,
    CONSUMER_FRAMES: consumer.fails ? '' : framesOf(cwd, consumer).join(' '),
  };
  const command = consumer.run[0] === 'yarn' ? [...yarn, ...consumer.run.slice(1)] : consumer.run;
  const outcome = await run(command, { cwd, env, timeoutMs: RUN_MS });
  const told = existsSync(records)
    ? readFileSync(records, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  const failures = {};
  for (const executor of executors) failures[executor] = judge(consumer, told, executor);
  return { failures: { ...failures, end: judgeEnd(consumer, outcome, told) }, output: outcome.output };
}

function judge({ fails }, told, executor) {
  const records = told.filter((record) => record.executor === executor);
  if (records.length === 0) return ['it told of no result'];
  const failures = records.flatMap((record) => record.failures);
  if (!fails) return failures;
  const wrong = failures.filter((failure) => !fails.test(failure));
  return failures.length === 0 ? [`expected an error that says ${fails}`] : wrong;
}

function judgeEnd(
  { fails, many, runs = 1, filesAtOnce = 1, run: [program] },
  { code, signal, output, timedOut, endedAt, orphans },
  told,
) {
  const failures = [];
  if (timedOut) failures.push('it did not end');
  const isTest = program === 'jest' || program === 'vitest';
  if (!(isTest && fails) && code !== 0) failures.push(`it ended with ${signal ?? code}`);
  if (leftOpen.test(output)) failures.push('it left something open');
  if (orphans) failures.push('a process of it lives on');
  const afterLast = endedAt - Math.max(0, ...told.map(({ at }) => at));
  if (!timedOut && told.length > 0 && afterLast > END_MS)
    failures.push(`it ended ${afterLast} ms after its last call`);
  const pools = told.filter(({ children }) => children !== undefined);
  const expected = (many ?? 0) * runs;
  if (pools.length !== expected) failures.push(`expected ${expected} runs of a test, found ${pools.length}`);
  const most = Math.max(0, ...pools.map(({ children }) => children));
  if (most > mostWorkers(filesAtOnce))
    failures.push(`a process of the test runner had ${most} workers at a time`);
  // Each run of a test in one process has threads of its own; those of earlier runs have ended.
  const threads = pools.map((pool) => pool.threads);
  if (runs > 1 && threads.at(-1) > threads[0] + mostWorkers(filesAtOnce))
    failures.push(`its threads pile up: ${threads}`);
  return failures;
}

/** Where the marks in the sources are: what a stack names when it points into them. */
function framesOf(cwd, { marks = /(thrown|called) here/ }) {
  const frames = [];
  for (const file of readdirSync(cwd)) {
    if (!/\.(ts|cjs|mjs)$/.test(file)) continue;
    readFileSync(join(cwd, file), 'utf8')
      .split('\n')
      .forEach((line, index) => {
        if (marks.test(line)) frames.push(`${file}:${index + 1}`);
      });
  }
  return frames;
}

function environment(folder, { home }, nodeFolder) {
  const bins = [homeFolder(folder, home), homeFolder(folder, 'tools')].map((at) =>
    join(at, 'node_modules', '.bin'),
  );
  return { ...userEnv, PATH: [nodeFolder, ...bins, userEnv.PATH].join(delimiter) };
}

function slug(name) {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
