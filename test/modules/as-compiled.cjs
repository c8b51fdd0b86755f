const { isWorker, runInExecutor } = require('offloop');

// What a test runner's compiler leaves as it is, and what it writes otherwise than it stands in the file.
exports.double = runInExecutor('thread', (x) => x * 2);
exports.half = runInExecutor('thread', isWorker ? (x) => x / 2 : (x) => (0, x) / 2);
exports.square = runInExecutor('thread', (x) => x * x);
