import { isWorker, RunInExecutor } from 'offloop';

export function makeLater() {
  class Later {
    async who() {
      return 'later';
    }
  }
  const method = Object.getOwnPropertyDescriptor(Later.prototype, 'who');
  Object.defineProperty(Later.prototype, 'who', RunInExecutor('thread')(Later.prototype, 'who', method));
  return new Later();
}

if (!isWorker)
  makeLater()
    .who()
    .catch(({ message }) => console.log(message));
