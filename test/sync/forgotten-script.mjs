// Tells of which primitives the memory is held still, after waits for them that were over in vain.
import { Event, Lock, Queue, Semaphore } from 'offloop/sync';

const over = { timeoutMs: 1 };
const waits = {
  Event: (event) => event.wait(over),
  Lock: (lock) => lock.acquire().then(() => lock.acquire(over)),
  Semaphore: (semaphore) => semaphore.acquire().then(() => semaphore.acquire(over)),
  Queue: (queue) => queue.get(over),
};

async function waitInVain(primitive) {
  const { code } = await waits[primitive.constructor.name](primitive).catch((error) => error);
  if (code !== 'ERR_OFFLOOP_WAIT_TIMEOUT') throw new Error(`${primitive.constructor.name}: ${code}`);
  return [primitive.constructor.name, new WeakRef(primitive.toPortable().memory)];
}

const memories = await Promise.all([new Event(), new Lock(), new Semaphore(1), new Queue()].map(waitInVain));
for (let turn = 0; turn < 10; turn++) {
  await new Promise(setImmediate);
  globalThis.gc();
}
console.log(JSON.stringify(memories.filter(([, memory]) => memory.deref()).map(([name]) => name)));
