/** Evaluates a module as tsx does where an ES module imports it as CommonJS. */
const { readFileSync } = require('node:fs');
const { Module } = require('node:module');

const path = require.resolve('./as-compiled.cjs');
const code = readFileSync(path, 'utf8');
const evaluated = Object.assign(new Module(path, module), { filename: path });
evaluated._compile(
  code,
  `data:text/javascript,${encodeURIComponent(code)}?filePath=${encodeURIComponent(path)}`,
);
void evaluated.exports.double(4).then(console.log);
