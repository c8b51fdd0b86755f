import { runScript } from '../support/run-script';

it('fake timers that replace the exports of node:timers disturb no calls', async () => {
  const { stdout, code } = await runScript('test/testing/fake-timers-script.mjs');
  expect([stdout.split('\n').slice(0, -1), code]).toEqual([
    ['10', '3', 'ERR_OFFLOOP_CALL_TIMEOUT', 'ERR_OFFLOOP_WAIT_TIMEOUT'],
    0,
  ]);
});
