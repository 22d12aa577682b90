import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import { dependencies } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { createPorts, defineSync, makePlan } from '@homeostat/reconcile';
import type { Planned } from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';
import { median } from './measure.ts';
import { table, verdict } from './table.ts';

const OBJECTS = 10_000;
/** Of four objects, three are workloads that name four others. */
const EDGES = 30_000;
const TURNS = 5;

/**
 * Planning 10,000 objects with 30,000 dependencies of which the cluster has none yet: from files that are rendered to the plan
 * (on the in-memory server in this process, so that no network counts), and the order in which they can be applied. Medians.
 */
export async function benchPlan(): Promise<void> {
  await using server = await createApiServer();
  const objects = workloads();
  const source = createMemorySource(Object.fromEntries(objects.map((one, at) => [`${at}.yaml`, toYaml(one)])));
  const sync = defineSync({ name: 'plan', namespace: 'default', policy: { validate: 'none' } });
  const memory = createPorts(sync, { client: server.client(), source });
  // So that reading and parsing does not count, which the bench `render` measures.
  const { settled } = await planned(sync, memory);
  const plans: number[] = [];
  const orders: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    let began = performance.now();
    await planned(sync, memory);
    plans.push(performance.now() - began);
    began = performance.now();
    const graph = dependencies(settled.map(({ apply }) => apply.object));
    orders.push(performance.now() - began);
    const edges = [...graph.edges.values()].reduce((sum, list) => sum + list.length, 0);
    if (edges !== EDGES) throw new Error(`${edges} dependencies were found instead of ${EDGES}`);
  }
  const [plan, order] = [median(plans), median(orders)];
  console.log();
  console.log(
    table(
      ['Work', 'ms'],
      [
        ['rendered objects → plan', plan.toFixed(0)],
        ['objects → dependencies', order.toFixed(0)],
      ],
    ),
  );
  console.log(
    `\n${verdict('planning 10,000 objects with 30,000 dependencies, s', (plan + order) / 1000, { atMost: 1 })}`,
  );
}

async function planned(sync: Parameters<typeof makePlan>[0], ports: Parameters<typeof makePlan>[1]): Promise<Planned> {
  const running = makePlan(sync, ports);
  let step = await running.next();
  while (step.done !== true) step = await running.next();
  return step.value;
}

function workloads(): readonly KubeObject[] {
  const shared = OBJECTS / 4;
  return Array.from({ length: OBJECTS }, (_, at): KubeObject => {
    const metadata = { name: `app-${at}`, namespace: 'default' };
    if (at < shared) return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { at: String(at) } };
    const volumes = [0, 1, 2, 3].map((one) => ({
      name: `v${one}`,
      configMap: { name: `app-${(at * 7 + one * 11) % shared}` },
    }));
    const labels = { app: metadata.name };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }], volumes } };
    const spec = { replicas: 0, selector: { matchLabels: labels }, template };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
  });
}
