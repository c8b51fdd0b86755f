import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './command.mjs';
import { userEnv } from './install.mjs';

const readme = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'README.md');
const block = /(?:^`(?<file>[\w.-]+)`:\n+)?^```\w+\n(?<text>[^]*?)^```$/gm;

/**
 * Does what the quick start of the README says, in its order and in a folder of its own: commands are run, files
 * are written. The packed package stands for the published one.
 *
 * @returns what its last command wrote
 */
export async function followQuickStart(folder, tarball, nodeFolder) {
  const cwd = join(folder, 'quick-start');
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true });
  const env = { ...userEnv, PATH: `${nodeFolder}:${userEnv.PATH}` };
  const text = readFileSync(readme, 'utf8');
  const section = text.slice(text.indexOf('## Quick start'), text.indexOf('That is all'));
  let output = '';
  for (const { groups } of section.matchAll(block)) {
    if (groups.file) writeFileSync(join(cwd, groups.file), groups.text);
    else output = await runLines(groups.text);
  }
  await mustRun([join(cwd, 'node_modules', '.bin', 'tsc'), '--noEmit'], { cwd, env, timeoutMs: 120_000 });
  return output;

  async function runLines(lines) {
    let written = '';
    for (const line of lines.trim().split('\n')) {
      const command = line.split(' ').map((word) => (word === 'offloop' ? `file:${tarball}` : word));
      written = await mustRun(command, { cwd, env, timeoutMs: 300_000 });
    }
    return written;
  }
}
