/**
 * Packs offloop, installs it in a project per consumer, and runs them:
 *
 *   node test/consumers/run.mjs [--only=<regular expression>] [--node=20,22] [--keep=<folder>] [--suite]
 *
 * `--node` names major versions, by default that of this process; `--keep` works in that folder and leaves it
 * there, and installs only what it lacks; `--suite` also runs the tests of this repository on each version.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './command.mjs';
import { consumers } from './consumers.mjs';
import { homeFolder, installHome, installNode, pack, userEnv } from './install.mjs';
import { runProject, writeProject } from './project.mjs';
import { followQuickStart } from './quick-start.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    node: { type: 'string', default: process.versions.node.split('.')[0] },
    keep: { type: 'string' },
    suite: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const only = new RegExp(values.only, 'i');
const majors = values.node.split(',').map(Number);
const quickStart = 'the quick start of the README';
const chosen = consumers.filter(({ name }) => only.test(name));
const folder = values.keep ? resolve(values.keep) : mkdtempSync(join(tmpdir(), 'offloop-consumers-'));
const startedAt = Date.now();
const say = (text) =>
  console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${text}`);

const rows = [];
const problems = [];
try {
  mkdirSync(folder, { recursive: true });
  const nodes = new Map();
  for (const major of majors) nodes.set(major, await installNode(folder, major));
  const node = nodes.get(majors[0]);
  say('packing');
  const tarball = await pack(folder);
  for (const home of new Set(chosen.flatMap((consumer) => ['tools', consumer.home]))) {
    if (existsSync(join(homeFolder(folder, home), 'package.json'))) continue;
    say(`installing for ${home}`);
    await installHome(folder, home, tarball);
  }
  if (only.test(quickStart)) await runQuickStart(tarball, nodes);
  for (const consumer of chosen) await runConsumer(consumer, nodes, node);
  if (values.suite) await runSuite(nodes);
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
print();
process.exitCode = problems.length > 0 ? 1 : 0;

async function runConsumer(consumer, nodes, buildNode) {
  say(consumer.name);
  const cells = { thread: [], process: [] };
  rows.push({ name: consumer.name + (consumer.fails ? ' (error)' : ''), cells });
  try {
    await writeProject(folder, consumer, buildNode);
  } catch (error) {
    problems.push(`${consumer.name}: ${error.message}`);
    for (const executor of Object.keys(cells)) cells[executor] = majors.map(() => 'FAILED');
    return;
  }
  for (const [major, node] of nodes) {
    if (major < (consumer.sinceNode ?? 0)) {
      for (const executor of Object.keys(cells)) cells[executor].push('-');
      continue;
    }
    const { failures, output } = await runProject(folder, consumer, node);
    for (const executor of Object.keys(cells))
      cells[executor].push(failures[executor].length + failures.end.length > 0 ? 'FAILED' : 'ok');
    const texts = Object.entries(failures).flatMap(([where, list]) =>
      list.map((text) => `${where}: ${text}`),
    );
    if (texts.length > 0)
      problems.push(`${consumer.name}, Node ${major}\n${texts.join('\n')}\n--- it wrote\n${output}`);
  }
}

async function runQuickStart(tarball, nodes) {
  const cells = { both: [] };
  rows.push({ name: quickStart, cells });
  for (const [major, node] of nodes) {
    say(`${quickStart}, Node ${major}`);
    const output = await followQuickStart(folder, tarball, node).catch(({ message }) => message);
    const isRight = /^\d+ characters$[^]*^tick$[^]*^0 left$/m.test(output);
    cells.both.push(isRight ? 'ok' : 'FAILED');
    if (!isRight) problems.push(`${quickStart}, Node ${major}\n${output}`);
  }
}

async function runSuite(nodes) {
  const cells = { suite: [] };
  rows.push({ name: 'the tests of the repository', cells });
  for (const [major, node] of nodes) {
    say(`the tests of the repository, Node ${major}`);
    const env = { ...userEnv, PATH: `${node}:${userEnv.PATH}` };
    const cwd = resolve(import.meta.dirname, '..', '..');
    const { code, output } = await run(['node', 'node_modules/jest/bin/jest.js', '--ci'], {
      cwd,
      env,
      timeoutMs: 900_000,
    });
    cells.suite.push(code === 0 ? 'ok' : 'FAILED');
    if (code !== 0) problems.push(`the tests of the repository, Node ${major}\n${output}`);
  }
}

function print() {
  for (const problem of problems) console.log(`\n${problem}`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name, executor, cells) =>
    `${name.padEnd(width)}  ${executor.padEnd(8)}  ${cells.map((cell) => String(cell).padEnd(8)).join('  ')}`;
  console.log(
    `\n${line(
      'consumer',
      'executor',
      majors.map((major) => `Node ${major}`),
    )}`,
  );
  for (const { name, cells } of rows)
    for (const [executor, results] of Object.entries(cells)) console.log(line(name, executor, results));
  console.log(
    `\n${problems.length} failed of ${rows.length * majors.length}, in ${Math.round((Date.now() - startedAt) / 1000)} s`,
  );
}
