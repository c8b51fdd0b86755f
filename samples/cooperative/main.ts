import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printTable } from '../support/measure';
import { plotGaps } from './plot';
import { run } from './run';

async function main(): Promise<void> {
  const rows = await run({ short: false });
  printTable(rows);
  console.log('\nSlowdown against the same steps at once:');
  for (const { work, mode, callMs } of rows) {
    const atOnce = rows.find((row) => row.work === work && row.mode === 'at once');
    console.log(`  ${work}, ${mode}: ${(callMs / (atOnce?.callMs ?? callMs)).toFixed(2)}x`);
  }
  const file = process.argv[2] ?? join(tmpdir(), 'offloop-cooperative.svg');
  writeFileSync(file, plotGaps(rows));
  console.log(`\nThe gaps of the ticker, to look at: ${file}`);
}

void main();
