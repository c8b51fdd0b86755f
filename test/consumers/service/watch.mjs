/** Runs Jest in watch mode, has it run its test again and again, and ends it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TIMES = 5;
const test = 'many-1.test.ts';
const jest = spawn('jest', ['--watchAll'], { stdio: ['pipe', 'inherit', 'inherit'] });

/** How often the test has told of its pools. */
function runs() {
  const { CONSUMER_RECORDS } = process.env;
  return existsSync(CONSUMER_RECORDS)
    ? readFileSync(CONSUMER_RECORDS, 'utf8').split('"children"').length - 1
    : 0;
}

for (let time = 1; time <= TIMES; time++) {
  for (let left = 200; left > 0 && runs() < time; left--) await sleep(100);
  await sleep(300);
  const now = new Date();
  if (time < TIMES) utimesSync(test, now, now);
}
jest.kill();
process.exitCode = runs() === TIMES ? 0 : 1;
