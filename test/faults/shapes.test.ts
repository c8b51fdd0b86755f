import { callFrame, WireWorker, type Forged } from './wire';

const echo: Forged = {
  module: require.resolve('./wire-services'),
  className: 'Target',
  ordinal: 0,
  sources: [1],
  kind: 'static',
  method: 'echo',
};

/** What the worker answers to a call, as text; keys and names stand in it as they are. */
async function textOf(worker: WireWorker, id: number, callable: Forged, value: unknown): Promise<string> {
  worker.send(callFrame(id, callable, [value]));
  const { value: bytes } = (await worker.outcome(id)) as { value: unknown };
  expect(Buffer.isBuffer(bytes)).toBe(true);
  return (bytes as Buffer).toString('latin1');
}

it('keys that are data do not use up the numbers of those that come again and again', async () => {
  const worker = new WireWorker();
  let id = 0;
  const answer = (value: unknown): Promise<string> => textOf(worker, ++id, echo, value);
  for (let user = 0; user < 300; user++) {
    expect(await answer({ [`user ${user}`]: user })).toContain(`user ${user}`);
  }
  const isTold: boolean[] = [];
  for (let time = 0; time < 4; time++) isTold.push((await answer({ article: time })).includes('article'));
  expect(isTold).toEqual([true, true, false, false]);
  await worker.close();
});

it('the class of portable instances is told once', async () => {
  const worker = new WireWorker();
  const isTold: boolean[] = [];
  for (let id = 1; id <= 3; id++) {
    const answer = await textOf(worker, id, { ...echo, method: 'coin' }, id);
    isTold.push(answer.includes('wire-services'));
  }
  expect(isTold).toEqual([true, false, false]);
  await worker.close();
});
