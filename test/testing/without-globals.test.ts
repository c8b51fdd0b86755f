import 'reflect-metadata';
import { afterAll, describe, expect, it } from '@jest/globals';
import { threadId } from 'node:worker_threads';
import { RunInExecutor, shutdownExecutors } from 'offloop';
import { useInlineExecutors } from 'offloop/testing';

class Places {
  @RunInExecutor('thread')
  async here(): Promise<number> {
    return threadId;
  }
}

afterAll(() => shutdownExecutors());

describe('useInlineExecutors where a test imports describe and it', () => {
  const inline = useInlineExecutors();

  it('holds for each test', async () => {
    inline.fake('Places.here', () => -1);
    expect(await new Places().here()).toBe(-1);
    expect(inline.callsOf('Places.here')).toEqual([[]]);
  });

  it('begins each test anew: no calls, no fakes', async () => {
    expect(inline.calls).toEqual([]);
    expect(await new Places().here()).toBe(threadId);
  });
});

it('is undone after the describe', async () => {
  expect(await new Places().here()).not.toBe(threadId);
});
