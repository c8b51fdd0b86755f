/** Imports a module anew after it has changed, and prints what its function returns, and that of earlier ones. */
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const folder = process.argv[2];
const outcomes = [];
const note = (call) =>
  call().then(
    (value) => outcomes.push(value),
    ({ code, message }) => outcomes.push(`${code} ${message}`),
  );
const change = (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('one', 'two'));

const esm = join(folder, 'module.mjs');
const first = await import(`${esm}?1`);
await note(first.which);
const same = await import(`${esm}?2`);
await note(same.which);
change(esm);
const changed = await import(`${esm}?3`);
await note(changed.which);
await note(first.which);

const cjs = join(folder, 'module.cjs');
await note(require(cjs).which);
delete require.cache[cjs];
await note(require(cjs).which);
delete require.cache[cjs];
change(cjs);
await note(require(cjs).which);
console.log(JSON.stringify(outcomes));
