import type { Story } from '../story.ts';
import { configMaps, idleDeployment, parkedPods, services } from './files.ts';

const owned = `apiVersion: v1
kind: ConfigMap
metadata: {name: kept, finalizers: [example.com/hold]}
`;

export const endStories: readonly Story[] = [
  {
    name: 'delete one, some and all',
    files: { 'a.yaml': configMaps, 'b.yaml': `${parkedPods}---\n${services}`, 'kept.yaml': owned },
    leftovers: ['namespace/made-{id}'],
    steps: [
      'create -f a.yaml -f b.yaml -f kept.yaml',
      'delete cm a',
      'delete cm a',
      'delete cm a --ignore-not-found',
      'delete cm/b svc/web',
      'delete cm a c',
      'delete -f a.yaml',
      'delete -f a.yaml --ignore-not-found',
      'create -f a.yaml',
      'delete cm -l app=web',
      'delete cm -l app=none',
      'delete cm c -o name',
      'delete cm',
      'delete cm --all --dry-run=client',
      'delete cm kept --dry-run=server',
      'delete cm kept --wait=false',
      'get cm kept -o jsonpath={.metadata.deletionGracePeriodSeconds}',
      'delete cm kept --timeout=1s',
      'patch cm kept --type=merge -p {"metadata":{"finalizers":null}}',
      'get cm kept',
      'delete pod parked --now',
      'delete pod other --grace-period=0 --force',
      'delete svc --all',
      'delete svc --all --wait=true',
      'get pods,svc',
      { run: 'create -f -', stdin: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: made-{id}}\n' },
      'delete ns made-{id}',
      'get ns made-{id}',
      'delete ns default',
      'delete nonsense x',
      '--user=someone delete cm kube-root-ca.crt',
    ],
  },
  {
    name: 'delete with and without dependents',
    files: {
      'a.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: owner1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: owner2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: owner3}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: child1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: child2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: child3}
`,
      'deployment.yaml': idleDeployment,
    },
    steps: [
      'create -f a.yaml',
      ...[1, 2, 3].map((n) => ({
        run: `get cm owner${n} -o jsonpath={.metadata.name}`,
      })),
      'delete cm owner1 --cascade=orphan',
      'delete cm owner2 --cascade=foreground',
      'delete cm owner3 --cascade=background',
      'get cm',
      'create -f deployment.yaml',
      'delete deployment web --cascade=foreground',
      'get deployment web',
      'delete cm child1 --cascade=nonsense',
    ],
  },
  {
    name: 'wait for what is and what is not',
    files: { 'a.yaml': `${configMaps}---\n${parkedPods}` },
    steps: [
      'create -f a.yaml',
      'wait --for=jsonpath={.data.key}=one cm/a --timeout=5s',
      'wait --for=jsonpath={.data.key} cm/a --timeout=5s',
      'wait --for=jsonpath={.data.key}=two cm/a --timeout=1s',
      'wait --for=jsonpath={.data.none}=two cm/a --timeout=0s',
      'wait --for=condition=Ready pod/parked --timeout=1s',
      'patch pod parked --subresource=status -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}',
      'wait --for=condition=Ready pod/parked --timeout=5s',
      'wait --for=condition=Ready=false pod/parked --timeout=1s',
      'wait --for=condition=Ready pod -l app=parked --timeout=5s',
      'wait --for=condition=Ready pod --all --timeout=1s',
      'wait --for=delete pod/missing --timeout=1s',
      'wait --for=delete cm/a --timeout=1s',
      'wait --for=create cm/a --timeout=5s',
      'wait --for=create cm/never --timeout=1s',
      'wait --for=condition=Ready pod/missing --timeout=1s',
      'wait --for=condition=Ready pod -l app=none --timeout=1s',
      'wait --for=nonsense pod/parked',
      'delete pod parked --wait=false --grace-period=0',
      'wait --for=delete pod/parked --timeout=10s',
      'get pods',
    ],
  },
];
