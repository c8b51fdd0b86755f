/** The least that a child can do with a message of `fork`. */
import { tasks, type TaskName } from './tasks';

process.on('message', ([id, name, argument]: [number, TaskName, unknown]) => {
  process.send?.([id, tasks[name](argument as never)]);
});
