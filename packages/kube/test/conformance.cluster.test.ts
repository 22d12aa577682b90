import { clientConformance } from '@homeostat/kube/conformance';
import type { ConformanceWorld } from '@homeostat/kube/conformance';
import type { Protocol } from '@homeostat/kube/http';
import { describe, expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';

for (const protocol of ['auto', 'http1'] satisfies Protocol[]) {
  describe(`the HTTP client over ${protocol === 'auto' ? 'HTTP/2' : 'HTTP/1.1'}`, () => {
    clientConformance({
      expect,
      test: (title, run) =>
        cluster.test(title, async ({ namespace, connect, forgetHistory }) => {
          const world: ConformanceWorld = {
            client: await connect({ protocol }),
            namespace,
            forgetHistory,
          };
          await run(world);
        }),
    });
  });
}
