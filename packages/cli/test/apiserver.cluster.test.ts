import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { homeostat } from './support/run.ts';

cluster.test('kubectl uses the kubeconfig of homeostat apiserver as it is', async ({ kubectl, onTestFinished }) => {
  const stopping = new AbortController();
  let stdout = '';
  const running = homeostat(['apiserver', '--output', 'json'], {
    signal: stopping.signal,
    onStdout: (text) => void (stdout += text),
  });
  onTestFinished(async () => {
    stopping.abort();
    expect((await running).code).toBe(0);
  });
  await eventually(() => expect(stdout).not.toBe(''));
  const { kubeconfig } = JSON.parse(stdout) as { readonly kubeconfig: string };

  // The last --kubeconfig wins.
  const asked = await kubectl(['--kubeconfig', kubeconfig, 'get', 'namespaces', '--output', 'name']);
  expect(asked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^namespace\/default$/m) });
});
