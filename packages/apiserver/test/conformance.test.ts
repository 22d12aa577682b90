import { clientConformance } from '@homeostat/kube/conformance';
import type { ConformanceWorld } from '@homeostat/kube/conformance';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let server: ApiServer;
beforeAll(async () => {
  server = await createApiServer();
});
afterAll(() => server.close());

type Connect = () => Promise<ConformanceWorld['client'] & AsyncDisposable>;

const ways: Readonly<Record<string, Connect>> = {
  'in process': async () => server.client(),
  'over HTTP/2': () => connect('auto'),
  'over HTTP/1.1': () => connect('http1'),
};

async function connect(protocol: 'auto' | 'http1'): ReturnType<Connect> {
  const config = await loadKubeconfig({ path: 'memory', readFile: async () => server.kubeconfig });
  return createClient(config, { protocol });
}

let spaces = 0;

for (const [way, open] of Object.entries(ways)) {
  describe(`a client ${way}`, () => {
    clientConformance({
      expect,
      test: (title, run) =>
        test(title, async () => {
          await using clients = new AsyncDisposableStack();
          const client = clients.use(await open());
          const namespace = `conformance-${String(++spaces)}`;
          await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
          await run({
            client,
            namespace,
            forgetHistory: async () => server.expire(),
          });
        }),
    });
  });
}
