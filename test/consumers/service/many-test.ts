import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { check, executors, tell } from './check.js';

/** The processes that this one has started and that live. */
function children(): number {
  const { pid } = process;
  const lists = readdirSync(`/proc/${pid}/task`).map((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'),
  );
  return lists.join(' ').split(' ').filter(Boolean).length;
}

it('uses both executors', async () => {
  for (const executor of executors) expect(await check(executor)).toEqual([]);
  tell({ children: children(), threads: readdirSync(`/proc/${process.pid}/task`).length });
});
