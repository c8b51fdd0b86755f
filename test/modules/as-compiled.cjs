const { isWorker, RunInExecutor, runInExecutor } = require('offloop');

// What a test runner's compiler leaves as it is, and what it writes otherwise than it stands in the file.
exports.double = runInExecutor('thread', (x) => x * 2);
exports.half = runInExecutor('thread', isWorker ? (x) => x / 2 : (x) => (0, x) / 2);
exports.square = runInExecutor('thread', (x) => x * x);

// What esbuild calls otherwise: a class that names itself, and a function in a variable of its name.
exports.Orders = isWorker
  ? class Orders {
      count() {
        return [Orders.name, 3];
      }
    }
  : class _Orders {
      count() {
        return [_Orders.name, 3];
      }
    };
const { prototype } = exports.Orders;
const count = Object.getOwnPropertyDescriptor(prototype, 'count');
Object.defineProperty(prototype, 'count', RunInExecutor('thread')(prototype, 'count', count) ?? count);
exports.load = runInExecutor('thread', isWorker ? function load() {} : function load2() {});
