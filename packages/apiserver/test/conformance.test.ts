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

type Connect = (
  impersonate?: Parameters<ConformanceWorld['impersonating']>[0],
) => Promise<ConformanceWorld['client'] & AsyncDisposable>;

const ways: Readonly<Record<string, Connect>> = {
  'in process': async (impersonate) => server.client({ ...(impersonate !== undefined && { impersonate }) }),
  'over HTTP/2': (impersonate) => connect('auto', impersonate),
  'over HTTP/1.1': (impersonate) => connect('http1', impersonate),
};

async function connect(
  protocol: 'auto' | 'http1',
  impersonate: Parameters<ConformanceWorld['impersonating']>[0] | undefined,
): ReturnType<Connect> {
  const config = await loadKubeconfig({ path: 'memory', readFile: async () => server.kubeconfig });
  return createClient(config, { protocol, ...(impersonate !== undefined && { impersonate }) });
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
            impersonating: async (who) => clients.use(await open(who)),
            forgetHistory: async () => server.expire(),
          });
        }),
    });
  });
}
