import { clientConformance } from '@homeostat/kube/conformance';
import type { ConformanceWorld } from '@homeostat/kube/conformance';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import type { HttpClient, Protocol } from '@homeostat/kube/http';
import { describe, expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';

for (const protocol of ['auto', 'http1'] satisfies Protocol[]) {
  describe(`the HTTP client over ${protocol === 'auto' ? 'HTTP/2' : 'HTTP/1.1'}`, () => {
    clientConformance({
      expect,
      test: (title, run) =>
        cluster.test(title, async ({ namespace, connect, kubeconfig, forgetHistory }) => {
          await using others = new AsyncDisposableStack();
          const world: ConformanceWorld = {
            client: await connect({ protocol }),
            namespace,
            async impersonating(impersonate): Promise<HttpClient> {
              return others.use(createClient(await loadKubeconfig({ path: kubeconfig }), { protocol, impersonate }));
            },
            forgetHistory,
          };
          await run(world);
        }),
    });
  });
}
