import 'reflect-metadata';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { RunInExecutor } from 'offloop';
import { useInlineExecutors } from 'offloop/testing';
import { check, executors, tell } from './check.js';

/** A worker has to import this file to find it. */
class DefinedInATest {
  constructor(private readonly name: string) {}

  @RunInExecutor('thread')
  async inThread(): Promise<string> {
    return this.name;
  }

  @RunInExecutor('process')
  async inProcess(): Promise<string> {
    return this.name;
  }
}

afterAll(() => tell({ ended: true }));

afterEach(() => {
  jest.useRealTimers();
});

it.each([...executors])('the service works in a %s', async (executor) => {
  expect(await check(executor)).toEqual([]);
});

it.each([...executors])('fake timers do not disturb a call in a %s', async (executor) => {
  jest.useFakeTimers();
  expect(await check(executor)).toEqual([]);
});

it('a class that a test file defines works', async () => {
  const local = new DefinedInATest('here');
  expect(await local.inThread()).toBe('here');
  expect(await local.inProcess()).toBe('here');
});

describe('useInlineExecutors', () => {
  const inline = useInlineExecutors();

  it('holds for a test', async () => {
    inline.fake('DefinedInATest.inThread', () => 'a fake');
    expect(await new DefinedInATest('here').inThread()).toBe('a fake');
  });

  it('begins the next one anew', async () => {
    expect(inline.calls).toEqual([]);
    expect(await new DefinedInATest('here').inThread()).toBe('here');
  });
});
