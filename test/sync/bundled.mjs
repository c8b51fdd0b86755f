/** What a view says in a bundle that holds offloop itself, without the files that workers start from. */
import Module from 'node:module';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const contents = `const { runInExecutor } = require('offloop');
const { asyncToSync } = require('offloop/sync');
const double = runInExecutor('thread', function double(value) { return 2 * value; });
exports.call = () => asyncToSync(double)(21);`;
const [{ text }] = buildSync({
  stdin: { contents, resolveDir: process.cwd() },
  bundle: true,
  platform: 'node',
  write: false,
}).outputFiles;

const bundle = new Module('bundle');
bundle._compile(text, join(process.cwd(), 'bundles', 'main.cjs'));
try {
  console.log(bundle.exports.call());
} catch ({ code, message }) {
  console.log(code, message);
}
