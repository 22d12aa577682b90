import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { startGitServer } from '../../../test/support/git-server.ts';
import { main } from '../main.ts';

cluster.test(
  'a repository becomes a namespace, and a second run finds nothing to do',
  async ({ namespace, kubeconfig }) => {
    await using server = await startGitServer();
    const repository = await server.createRepository();
    await repository.commit({
      'app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {color: green}\n',
    });

    expect(await main(repository.url, namespace, kubeconfig)).toEqual(['Ready', `created ConfigMap ${namespace}/app`]);
    expect(await main(repository.url, namespace, kubeconfig)).toEqual([
      'Ready',
      `unchanged ConfigMap ${namespace}/app`,
    ]);
  },
);
