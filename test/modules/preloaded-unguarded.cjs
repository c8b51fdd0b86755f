/** A program for `node -r` that makes its calls in workers too, which preload it. */
require('reflect-metadata');
const { runInExecutor } = require('offloop');

const print = [console.log, ({ code }) => console.log(code)];
runInExecutor('thread', () => 'thread')().then(...print);
runInExecutor('process', () => 'process')().then(...print);
