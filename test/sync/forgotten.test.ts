import { runScript } from '../support/run-script';

it('what was waited for in vain is forgotten with its memory, when nobody has it any longer', async () => {
  const ended = await runScript('test/sync/forgotten-script.mjs', { nodeArgs: ['--expose-gc'] });
  expect(ended).toEqual({ code: 0, stderr: '', stdout: '[]\n' });
});
