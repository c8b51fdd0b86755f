/** What `npm start` runs: the samples in short form, as one table. */
import { run as cooperative } from './cooperative/run';
import { run as cpu } from './cpu/run';
import { run as io } from './io/run';
import { printTable } from './support/measure';

async function main(): Promise<void> {
  const rows = [
    ...(await io({ short: true })),
    ...(await cpu({ short: true })),
    ...(await cooperative({ short: true })),
  ];
  console.log('A ticker ticks every 10 ms. How long did it stand still?\n');
  printTable(rows);
}

void main();
