/** A setup module that tells the process id of its worker, and holds it for longer than a test waits for its end. */
const { writeSync } = require('node:fs');

writeSync(1, `${process.pid}\n`);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
