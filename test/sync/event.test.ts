import { NotCloneableError } from 'offloop';
import { Event, WaitTimeoutError } from 'offloop/sync';
import { Events, Locks, reached, sharedWords } from './services';
import { operations, useThreads } from './support';

useThreads();

describe('an event', () => {
  it('lets pass while it is set', async () => {
    const event = new Event();
    expect(event.isSet).toBe(false);
    event.set();
    event.set();
    expect(event.isSet).toBe(true);
    await event.wait();
    event.waitSync();
    event.clear();
    event.clear();
    expect(event.isSet).toBe(false);
  });

  it('lets all go on who wait, in every thread, also when it is cleared at once', async () => {
    for (let round = 0; round < 50; round++) {
      const event = new Event();
      const words = sharedWords();
      const waiting = [true, true, false, false].map((inPlace) => Events.wait(event, words, inPlace));
      const local = [event.wait(), event.wait()];
      await reached(words, waiting.length);
      event.set();
      if (round % 2 === 0) event.clear();
      await Promise.all(local);
      // Who had not yet begun to wait needs it set.
      event.set();
      await Promise.all(waiting);
    }
  });

  it('times out and gives up', async () => {
    const event = new Event();
    await expect(event.wait({ timeoutMs: 5 })).rejects.toThrow(WaitTimeoutError);
    expect(() => event.waitSync({ timeoutMs: 5 })).toThrow(WaitTimeoutError);
    await expect(event.wait({ signal: AbortSignal.abort() })).rejects.toThrow('abort');
    const controller = new AbortController();
    const waiting = event.wait({ signal: controller.signal });
    const other = event.wait();
    controller.abort();
    await expect(waiting).rejects.toThrow('abort');
    event.set();
    await other;
  });

  it('refuses wrong options and states', async () => {
    await expect(new Event().wait({ timeoutMs: -1 })).rejects.toThrow('expected milliseconds');
    expect(() => Event.fromPortable(null as never)).toThrow('Event.fromPortable: expected');
    await expect(Locks.inProcess(new Event())).rejects.toThrow(NotCloneableError);
  });

  it.each([
    ['in place', true],
    ['without blocking', false],
  ])('loses no wake-up when two threads answer each other, %s', async (_, inPlace) => {
    const rounds = Math.ceil(operations(6_000) / 2);
    const [ping, pong] = [new Event(), new Event()];
    const answers = Events.pong(ping, pong, rounds, inPlace);
    for (let round = 0; round < rounds; round++) {
      ping.set();
      if (round % 2 === 0) await pong.wait({ timeoutMs: 20_000 });
      else pong.waitSync({ timeoutMs: 20_000 });
      pong.clear();
    }
    expect(await answers).toBe(rounds);
  });
});
