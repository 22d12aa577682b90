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
        cluster.test(title, async ({ namespace, connect, kubeconfig, plane }) => {
          await using others = new AsyncDisposableStack();
          const world: ConformanceWorld = {
            client: await connect({ protocol }),
            namespace,
            async impersonating(impersonate): Promise<HttpClient> {
              return others.use(createClient(await loadKubeconfig({ path: kubeconfig }), { protocol, impersonate }));
            },
            forgetHistory: () => compact(plane.server),
          };
          await run(world);
        }),
    });
  });
}

/** etcd listens on the port after the API server's, without TLS, on the loopback (test/control-plane/up). */
async function compact(server: string): Promise<void> {
  const etcd = `http://127.0.0.1:${Number(new URL(server).port) + 1}/v3/kv`;
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> =>
    (await (await fetch(`${etcd}/${path}`, { method: 'POST', body: JSON.stringify(body) })).json()) as Record<
      string,
      unknown
    >;
  const { header } = (await post('range', { key: 'AA==', limit: 1 })) as {
    readonly header: { readonly revision: string };
  };
  const answer = await post('compaction', { revision: header.revision });
  // Another test of this run may have been quicker.
  const message = typeof answer['message'] === 'string' ? answer['message'] : '';
  if (answer['code'] !== undefined && !message.includes('has been compacted')) throw new Error(`etcd: ${message}`);
}
