const { appendFileSync } = require('node:fs');
const { threadId } = require('node:worker_threads');
const { isWorker, runInExecutor } = require('offloop');

const where = (items) => ({ items: items.length, processId: process.pid, threadId });
const fail = () => {
  throw new RangeError('on purpose'); // thrown here
};
const calls = {
  thread: [runInExecutor('thread', where), runInExecutor('thread', fail)],
  process: [runInExecutor('process', where), runInExecutor('process', fail)],
};

async function check(executor) {
  const failures = [];
  try {
    const [inWorker, failing] = calls[executor];
    const report = await inWorker(['a', 'b']);
    const isElsewhere =
      executor === 'thread'
        ? report.processId === process.pid && report.threadId !== threadId
        : report.processId !== process.pid;
    if (!isElsewhere || report.items !== 2) failures.push(`found ${JSON.stringify(report)}`);
    const caught = await failing().catch((error) => error);
    if (!(caught instanceof RangeError)) failures.push(`expected a RangeError, found ${caught}`);
    for (const frame of process.env.CONSUMER_FRAMES.split(' ').filter(Boolean)) {
      if (!String(caught.stack).includes(frame)) failures.push(`expected ${frame}, found ${caught.stack}`);
    }
  } catch (error) {
    failures.push(`${error.code}: ${error.stack}`);
  }
  appendFileSync(process.env.CONSUMER_RECORDS, `${JSON.stringify({ executor, failures, at: Date.now() })}\n`);
}

async function main() {
  for (const executor of ['thread', 'process']) await check(executor);
}

if (!isWorker) void main();
