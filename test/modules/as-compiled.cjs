const { isWorker, RunInExecutor, runInExecutor } = require('offloop');

// What a test runner's compiler leaves as it is, and what it writes otherwise than it stands in the file.
exports.double = runInExecutor('thread', (x) => x * 2);
exports.half = runInExecutor('thread', isWorker ? (x) => x / 2 : (x) => (0, x) / 2);
exports.square = runInExecutor('thread', (x) => x * x);

// What esbuild calls otherwise: a class that names itself, and a function in a variable of its name. Neither name
// stands in the file.
const renamed = (made, before, after) =>
  isWorker ? made : Object.defineProperty(made, 'name', { value: `${before}${made.name}${after}` });
class Orders {
  count() {
    return [Orders.name, 3];
  }
}
exports.Orders = renamed(Orders, '_', '');
const count = Object.getOwnPropertyDescriptor(Orders.prototype, 'count');
Object.defineProperty(
  Orders.prototype,
  'count',
  RunInExecutor('thread')(Orders.prototype, 'count', count) ?? count,
);
exports.load = runInExecutor(
  'thread',
  renamed(function load() {}, '', '2'),
);
