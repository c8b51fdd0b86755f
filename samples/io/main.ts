import { printTable } from '../support/measure';
import { run } from './run';

void run({ short: process.argv.includes('--short') }).then(printTable);
