import { callFrame, WireWorker, type Forged } from './wire';

const echo: Forged = {
  module: require.resolve('./wire-services'),
  className: 'Target',
  ordinal: 0,
  sources: [1],
  kind: 'static',
  method: 'echo',
};

it('keys that are data do not use up the numbers of those that come again and again', async () => {
  const worker = new WireWorker();
  let id = 0;
  /** What the worker answers, as text; keys stand in it as they are. */
  const answer = async (value: unknown): Promise<string> => {
    worker.send(callFrame(++id, echo, [value]));
    const { value: bytes } = (await worker.outcome(id)) as { value: unknown };
    expect(Buffer.isBuffer(bytes)).toBe(true);
    return (bytes as Buffer).toString('latin1');
  };
  for (let user = 0; user < 300; user++) {
    expect(await answer({ [`user ${user}`]: user })).toContain(`user ${user}`);
  }
  const isTold: boolean[] = [];
  for (let time = 0; time < 4; time++) isTold.push((await answer({ article: time })).includes('article'));
  expect(isTold).toEqual([true, true, false, false]);
  await worker.close();
});
