import 'reflect-metadata';
import { isWorker, runInExecutor } from 'offloop';
import { asyncToSync, Event } from 'offloop/sync';

const say = asyncToSync(
  runInExecutor('thread', async function say(count, how, event) {
    console.error('to stderr');
    for (let index = 0; index < count; index++) console.log(`line ${index}`);
    if (how === 'lost') process.exit(1);
    if (how === 'later') {
      setTimeout(() => {
        console.log('later');
        event.set();
      }, 20);
    }
  }),
);

if (!isWorker) {
  const [how, count] = process.argv.slice(2);
  const event = new Event();
  try {
    say(Number(count), how, event);
    console.log('returned');
  } catch (error) {
    console.log(error.code);
  }
  if (how === 'later') await event.wait();
  if (how === 'exit') process.exit(2);
  if (how === 'throw') throw new Error('the script fails later');
}
