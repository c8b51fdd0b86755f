/** Defines on one side what the other does not have, and prints what becomes of each call. */
require('reflect-metadata');
const { isWorker, Portable, RunInExecutor, runInExecutor, verifyExecutors } = require('offloop');

const executor = process.argv[2] ?? 'thread';
const decorated = (make) => {
  const One = make();
  const method = Object.getOwnPropertyDescriptor(One.prototype, 'who');
  Object.defineProperty(One.prototype, 'who', RunInExecutor(executor)(One.prototype, 'who', method));
  Portable()(One);
  return One;
};

const here = isWorker ? undefined : runInExecutor(executor, () => 'here only');
const first = runInExecutor(executor, () => 'first');
const second = runInExecutor(executor, () => 'second');
const there = isWorker ? runInExecutor(executor, () => 'there only') : undefined;

const times = (factor) => runInExecutor(executor, (x) => x * factor);
const twice = isWorker ? undefined : times(2);
const thrice = times(3);

const other = isWorker
  ? runInExecutor(executor, function pick() {
      return 'another one there';
    })
  : runInExecutor(executor, function pick() {
      return 'the one here';
    });
const same = runInExecutor(executor, function pick() {
  return 'same';
});

const Here = isWorker
  ? undefined
  : decorated(
      () =>
        class Job {
          who() {
            return 'here only';
          }
        },
    );
const A = decorated(
  () =>
    class Job {
      who() {
        return 'A';
      }
    },
);
const B = decorated(
  () =>
    class Job {
      who() {
        return 'B';
      }
      self() {
        return this;
      }
    },
);
const echo = runInExecutor(executor, function echo(value) {
  return value;
});

async function main() {
  const calls = [
    first,
    second,
    here,
    twice,
    thrice,
    other,
    same,
    ...[A, B, Here].map((One) => () => new One().who()),
  ];
  const settled = await Promise.allSettled(calls.map((call) => call(1)));
  const echoed = (await echo(new B())) instanceof B;
  const unverified = await verifyExecutors().then(
    () => 0,
    ({ errors }) => errors.length,
  );
  const outcomes = settled.map(({ value, reason }) => value ?? reason.code);
  console.log(JSON.stringify({ outcomes, echoed, unverified }));
}

void there;
if (!isWorker) void main();
