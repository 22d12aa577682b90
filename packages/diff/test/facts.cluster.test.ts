import { randomBytes } from 'node:crypto';
import { compare, compileIgnore, equalContent, releasePayload, remainingChanges, withoutFields } from '@homeostat/diff';
import { payloadOf, printRef, refOf } from '@homeostat/kube';
import type { Client, JsonPatchOperation, KubeObject } from '@homeostat/kube';
import { describe, expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { MANAGER as manager, apply, cleanUp, eventually, liveOf } from './apply.ts';
import { manifest } from './manifests.ts';

// Titles name the rows of the table of facts ("how Kubernetes really behaves where a GitOps engine can go wrong").
const test = cluster.needs('controllers');
const newName = () => `u${randomBytes(4).toString('hex')}`;

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      nodeSelector: {a: b, c: d}
      initContainers:
      - {name: first, image: "busybox:1"}
      - {name: second, image: "busybox:1"}
      containers:
      - name: web
        image: "web:1"
        env: [{name: A, value: "1"}, {name: B, value: "2"}, {name: C, value: "3"}]
        ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP, name: dns-udp}, {containerPort: 80, name: http}]
        securityContext: {allowPrivilegeEscalation: false}
`;
const WEB = '.spec.template.spec.containers[name="web"]';

/** The same object with one part of its text replaced, as a commit would. */
function edit(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`there is no ${from} in ${text}`);
  return text.replace(from, to);
}

async function patch(
  client: Client,
  object: KubeObject,
  operations: readonly JsonPatchOperation[],
  by = 'somebody',
): Promise<KubeObject> {
  return (await client.patch(refOf(object), { type: 'json', operations }, { manager: by })).object;
}

describe('facts 1: a field that is dropped from the payload falls back to its default unless it is released', () => {
  test('without a release the server puts its default there', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    await apply(client, desired);
    const ignore = compileIgnore([{ pointers: ['/spec/replicas'] }], desired);
    const answer = await apply(client, withoutFields(desired, ignore));
    expect(answer['spec']).toMatchObject({ replicas: 1 });
  });

  test('released, it keeps its value, and its later changes are no drift', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    const live = await apply(client, desired);
    const pointers = ['/spec/replicas', '/spec/template/spec/containers/[name=web]/image'];
    const ignore = compileIgnore([{ pointers, select: { kind: 'Deployment' } }], desired);

    const release = releasePayload(desired, live, { manager, ignore });
    expect(release).toMatchObject({
      spec: { replicas: 5, template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } } },
    });
    await apply(client, release as KubeObject, 'homeostat-released');
    const answer = await apply(client, withoutFields(desired, ignore));
    expect(answer['spec']).toMatchObject({ replicas: 5, template: { spec: { containers: [{ image: 'web:1' }] } } });
    expect(compare(desired, answer, { manager, ignore })).toEqual({ state: 'in-sync' });
    expect(releasePayload(desired, answer, { manager, ignore })).toBeUndefined();

    const scaled = await patch(client, desired, [{ op: 'replace', path: '/spec/replicas', value: 7 }]);
    expect(compare(desired, scaled, { manager, ignore })).toEqual({ state: 'in-sync' });
    expect(compare(desired, scaled, { manager })).toMatchObject({ state: 'differs' });
  });
});

describe('facts 8: our items of a list stand in the desired order', () => {
  test('Git swaps two init containers', async ({ client, namespace }) => {
    const live = await apply(client, manifest(DEPLOYMENT, namespace));
    const lines = ['      - {name: first, image: "busybox:1"}', '      - {name: second, image: "busybox:1"}'];
    const desired = manifest(edit(DEPLOYMENT, lines.join('\n'), lines.toReversed().join('\n')), namespace);
    expect(compare(desired, live, { manager })).toEqual({
      state: 'differs',
      changes: [
        {
          path: '.spec.template.spec.initContainers',
          kind: 'order',
          desired: ['[name="second"]', '[name="first"]'],
          live: ['[name="first"]', '[name="second"]'],
        },
      ],
    });
    const answer = await apply(client, desired);
    expect(compare(desired, answer, { manager })).toEqual({ state: 'in-sync' });
  });

  test('somebody reverses the environment, which leaves no entry in managedFields', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    await apply(client, desired);
    const env = ['C', 'B', 'A'].map((name, i) => ({ name, value: String(3 - i) }));
    const path = '/spec/template/spec/containers/0/env';
    const live = await patch(client, desired, [{ op: 'replace', path, value: env }]);
    expect(compare(desired, live, { manager })).toMatchObject({
      state: 'differs',
      changes: [{ path: `${WEB}.env`, kind: 'order' }],
    });
    expect(compare(desired, await apply(client, desired), { manager })).toEqual({ state: 'in-sync' });
  });

  test('a foreign item between ours is no difference', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    await apply(client, desired);
    const path = '/spec/template/spec/containers/0/env/1';
    const live = await patch(client, desired, [{ op: 'add', path, value: { name: 'X', value: 'x' } }]);
    expect(compare(desired, live, { manager })).toEqual({ state: 'in-sync' });
  });
});

describe('facts 9: a zero value that somebody removed is not the same as one that was never there', () => {
  test('false is taken away, and nobody holds the field afterwards', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    await apply(client, desired);
    const live = await patch(client, desired, [
      { op: 'remove', path: '/spec/template/spec/automountServiceAccountToken' },
      { op: 'remove', path: '/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation' },
    ]);
    expect(compare(desired, live, { manager })).toEqual({
      state: 'differs',
      changes: [
        { path: `${WEB}.securityContext.allowPrivilegeEscalation`, kind: 'add', desired: false },
        { path: '.spec.template.spec.automountServiceAccountToken', kind: 'add', desired: false },
      ],
    });
  });

  test('null in a ConfigMap is stored as an empty text; empty lists are never ours', async ({ client, namespace }) => {
    const map = manifest(
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: nulls}, data: {a: null, b: x}}',
      namespace,
    );
    const live = await apply(client, map);
    expect(live['data']).toEqual({ a: '', b: 'x' });
    expect(compare(map, live, { manager })).toEqual({ state: 'in-sync' });

    const text = edit(
      DEPLOYMENT,
      'env: [{name: A, value: "1"}, {name: B, value: "2"}, {name: C, value: "3"}]',
      'env: []',
    );
    const bare = manifest(text, namespace);
    expect(compare(bare, await apply(client, bare), { manager })).toEqual({ state: 'in-sync' });
  });
});

describe('facts 10: what is seen', () => {
  const seen: readonly [string, JsonPatchOperation, object][] = [
    [
      'a scalar edit',
      { op: 'replace', path: '/spec/replicas', value: 2 },
      {
        path: '.spec.replicas',
        kind: 'change',
        desired: 5,
        live: 2,
        heldBy: { manager: 'somebody', operation: 'Update' },
      },
    ],
    [
      'an image edit',
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evil:1' },
      { path: `${WEB}.image`, kind: 'change', heldBy: { manager: 'somebody' } },
    ],
    [
      'a removed label',
      { op: 'remove', path: '/metadata/labels/app' },
      { path: '.metadata.labels.app', kind: 'add', desired: 'web' },
    ],
    [
      'a removed item',
      { op: 'remove', path: '/spec/template/spec/containers/0/env/1' },
      { path: `${WEB}.env[name="B"]`, kind: 'add', desired: { name: 'B', value: '2' } },
    ],
    [
      'a changed port key',
      { op: 'replace', path: '/spec/template/spec/containers/0/ports/0/containerPort', value: 54 },
      { path: `${WEB}.ports[containerPort=53]`, kind: 'add' },
    ],
    [
      'an atomic map edit',
      { op: 'add', path: '/spec/template/spec/nodeSelector/x', value: 'y' },
      { path: '.spec.template.spec.nodeSelector', kind: 'change', heldBy: { manager: 'somebody' } },
    ],
    ['an atomic map removal', { op: 'remove', path: '/spec/template/spec/nodeSelector/a' }, { kind: 'change' }],
  ];
  for (const [title, operation, expected] of seen) {
    test(`${title} of a Deployment, and repaired by an apply`, async ({ client, namespace }) => {
      const desired = manifest(DEPLOYMENT, namespace);
      await apply(client, desired);
      const live = await patch(client, desired, [operation]);
      const verdict = compare(desired, live, { manager });
      expect(verdict.state === 'in-sync' ? [] : verdict.changes).toContainEqual(
        expect.objectContaining(deep(expected)),
      );
      expect(compare(desired, await apply(client, desired), { manager })).toEqual({ state: 'in-sync' });
    });
  }

  const atomic: readonly [string, string, JsonPatchOperation, string][] = [
    [
      "a Role's rules",
      '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}',
      { op: 'add', path: '/rules/0/verbs/-', value: 'delete' },
      '.rules',
    ],
    [
      "a RoleBinding's subjects",
      '{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: r}, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}]}',
      { op: 'add', path: '/subjects/-', value: { kind: 'User', name: 'evil', apiGroup: 'rbac.authorization.k8s.io' } },
      '.subjects',
    ],
    [
      "a Service's selector",
      '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: web}, ports: [{port: 80}]}}',
      { op: 'add', path: '/spec/selector/x', value: 'y' },
      '.spec.selector',
    ],
    [
      "a NetworkPolicy's ingress",
      '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n}, spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}}',
      { op: 'add', path: '/spec/ingress/-', value: {} },
      '.spec.ingress',
    ],
    [
      'a ConfigMap key',
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "1", b: "2"}}',
      { op: 'remove', path: '/data/b' },
      '.data.b',
    ],
    [
      'a Secret key',
      '{apiVersion: v1, kind: Secret, metadata: {name: x}, stringData: {a: hunter2}}',
      { op: 'replace', path: '/data/a', value: 'ZXZpbA==' },
      '.data.a',
    ],
  ];
  for (const [title, text, operation, path] of atomic) {
    test(`an edit of ${title}, and repaired by an apply`, async ({ client, namespace }) => {
      const desired = manifest(text, namespace);
      await apply(client, desired);
      const live = await patch(client, desired, [operation]);
      const verdict = compare(desired, live, { manager });
      expect(verdict).toMatchObject({ changes: [{ path }] });
      expect(JSON.stringify(verdict)).not.toMatch(/hunter2|aHVudGVyMg|ZXZpbA/);
      expect(compare(desired, await apply(client, desired), { manager })).toEqual({ state: 'in-sync' });
    });
  }
});

describe('facts 10: what others add is not ours to see, and an apply leaves it', () => {
  const additions: readonly [string, JsonPatchOperation][] = [
    ['a sidecar', { op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'sidecar', image: 's:1' } }],
    [
      'an environment variable',
      { op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'X', value: 'x' } },
    ],
    ['a command', { op: 'add', path: '/spec/template/spec/containers/0/command', value: ['sh'] }],
    [
      'privileged',
      { op: 'add', path: '/spec/template/spec/initContainers/0/securityContext', value: { privileged: true } },
    ],
    ['hostNetwork', { op: 'add', path: '/spec/template/spec/hostPID', value: true }],
    ['minReadySeconds', { op: 'add', path: '/spec/minReadySeconds', value: 5 }],
    ['a finalizer', { op: 'add', path: '/metadata/finalizers', value: ['example.com/keep'] }],
    ['a label', { op: 'add', path: '/metadata/labels/foreign', value: 'x' }],
  ];
  for (const [title, operation] of additions) {
    test(title, async ({ client, namespace }) => {
      const desired = manifest(DEPLOYMENT, namespace);
      const settled = await apply(client, desired);
      const live = await patch(client, desired, [operation]);
      expect(equalContent(settled, live)).toBe(false);
      expect(compare(desired, live, { manager })).toEqual({ state: 'in-sync' });
      const again = await apply(client, desired);
      expect(compare(desired, again, { manager })).toEqual({ state: 'in-sync' });
      expect(again['spec']).toEqual(live['spec']);
      if (title === 'a finalizer') await patch(client, desired, [{ op: 'remove', path: '/metadata/finalizers' }]);
    });
  }
});

describe('what Git takes out of an atomic value reaches the cluster', () => {
  const texts: readonly [string, string, string, string, string][] = [
    [
      'nodeSelector',
      DEPLOYMENT,
      'nodeSelector: {a: b, c: d}',
      'nodeSelector: {a: b}',
      '.spec.template.spec.nodeSelector',
    ],
    [
      "a Service's selector",
      '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: web, x: y}, ports: [{port: 80}]}}',
      'app: web, x: y',
      'app: web',
      '.spec.selector',
    ],
    [
      "a NetworkPolicy's ingress rule",
      '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n}, spec: {podSelector: {}, ingress: [{ports: [{port: 80}], from: [{podSelector: {}}]}]}}',
      ', from: [{podSelector: {}}]',
      '',
      '.spec.ingress',
    ],
  ];
  for (const [title, text, from, to, path] of texts) {
    test(title, async ({ client, namespace }) => {
      const live = await apply(client, manifest(text, namespace));
      const desired = manifest(edit(text, from, to), namespace);
      expect(compare(desired, live, { manager })).toMatchObject({
        state: 'unknown',
        reason: 'normalization',
        changes: [{ path }],
      });
      const answer = await apply(client, desired);
      expect(equalContent(live, answer)).toBe(false);
      expect(compare(desired, answer, { manager })).toEqual({ state: 'in-sync' });
    });
  }
});

describe('facts 11: what another manager also owns stays when we drop it', () => {
  const map = (data: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: ${data}}`;

  test('client-side apply holds the dropped key: kept-by, by name', async ({ client, namespace }) => {
    const both = manifest(map('{a: "1", b: "2"}'), namespace);
    await client.create(both, { manager: 'kubectl-client-side-apply' });
    const before = await apply(client, both);
    expect(compare(both, before, { manager })).toEqual({ state: 'in-sync' });

    const desired = manifest(map('{a: "1"}'), namespace);
    expect(compare(desired, before, { manager })).toMatchObject({
      state: 'differs',
      changes: [
        {
          path: '.data.b',
          kind: 'remove',
          live: '2',
          heldBy: { manager: 'kubectl-client-side-apply', operation: 'Update' },
        },
      ],
    });
    const answer = await apply(client, desired);
    expect(answer['data']).toEqual({ a: '1', b: '2' });
    expect(compare(desired, answer, { manager })).toEqual({ state: 'in-sync' });
    expect(remainingChanges(desired, answer, { manager, before })).toMatchObject([
      { path: '.data.b', why: 'kept-by', live: '2', heldBy: { manager: 'kubectl-client-side-apply' } },
    ]);
  });

  test('cleared managedFields: no entry of ours, and before-first-apply keeps what we drop', async ({
    client,
    namespace,
  }) => {
    const both = manifest(map('{a: "1", b: "2"}'), namespace);
    await apply(client, both);
    const cleared = await patch(client, both, [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]);
    expect(compare(both, cleared, { manager })).toMatchObject({
      state: 'unknown',
      reason: 'no-entry',
      changes: [
        { path: '.data.a', kind: 'ownership' },
        { path: '.data.b', kind: 'ownership' },
      ],
    });
    const before = await apply(client, both);
    const desired = manifest(map('{a: "1"}'), namespace);
    const answer = await apply(client, desired);
    expect(remainingChanges(desired, answer, { manager, before })).toMatchObject([
      { path: '.data.b', why: 'kept-by', heldBy: { manager: 'before-first-apply' } },
    ]);
  });

  test('what nobody else owns goes, and nothing remains to report', async ({ client, namespace }) => {
    const before = await apply(client, manifest(DEPLOYMENT, namespace));
    const desired = manifest(edit(DEPLOYMENT, '  replicas: 5\n', ''), namespace);
    const answer = await apply(client, desired);
    // The default came back: nobody owns it, so nobody keeps it.
    expect(answer['spec']).toMatchObject({ replicas: 1 });
    expect(remainingChanges(desired, answer, { manager, before })).toEqual([]);
  });
});

describe('facts 15: content, not resourceVersion, says whether a write changed anything', () => {
  test('the first write to a PersistentVolumeClaim counts its version up for nothing', async ({
    client,
    namespace,
  }) => {
    const text =
      '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: p}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}}';
    const desired = manifest(text, namespace);
    const first = await apply(client, desired);
    const second = await apply(client, desired);
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    expect(equalContent(first, second)).toBe(true);
  });

  test('a value that admission changes is overridden, with both values, and never equal', async ({
    client,
    namespace,
  }) => {
    const name = newName();
    const policy = manifest(
      `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  reinvocationPolicy: Never
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{data: {'mode': 'mutated'}}"}
`,
      namespace,
    );
    const binding = manifest(
      `{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding, metadata: {name: ${name}}, spec: {policyName: ${name}}}`,
      namespace,
    );
    const desired = manifest(
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {mode: git, other: x}}',
      namespace,
    );
    try {
      await apply(client, policy);
      await apply(client, binding);
      const live = await eventually(async () => {
        const answer = await apply(client, desired);
        return (answer['data'] as Record<string, string>)['mode'] === 'mutated' ? answer : undefined;
      });
      expect(compare(desired, live, { manager })).toMatchObject({
        state: 'differs',
        changes: [{ path: '.data.mode' }],
      });
      const again = await apply(client, desired);
      expect(equalContent(live, again)).toBe(true);
      expect(remainingChanges(desired, again, { manager, before: live })).toMatchObject([
        { path: '.data.mode', kind: 'change', why: 'overridden', desired: 'git', live: 'mutated' },
      ]);
    } finally {
      await cleanUp(client, [policy, binding]);
    }
  });
});

describe('facts 16: no verdict across versions', () => {
  test('an HPA applied as v2 and read as v1, and the other way round', async ({ client, namespace }) => {
    const target = 'scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}';
    const v1 = manifest(
      `{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 50, ${target}}}`,
      namespace,
    );
    const v2 = manifest(
      `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {maxReplicas: 3, ${target}}}`,
      namespace,
    );
    await apply(client, v1);
    const other = { state: 'unknown', reason: 'other-version', changes: [] };
    expect(compare(v1, await liveOf(client, v1), { manager })).toEqual({ state: 'in-sync' });
    expect(compare(v1, await liveOf(client, v2), { manager })).toEqual(other);
    expect(compare(v2, await liveOf(client, v1), { manager })).toEqual(other);
    // Same version of both objects: our entry still speaks v1, and names a field that v2 does not have.
    expect(compare(v2, await liveOf(client, v2), { manager })).toEqual(other);

    // One entry, whatever the version: an apply in the other one settles it.
    await apply(client, v2);
    expect(compare(v2, await liveOf(client, v2), { manager })).toEqual({ state: 'in-sync' });
  });
});

describe('facts 17: list items whose key fields have defaults', () => {
  test('53 and 53/UDP, protocol left out: in sync, and each told from the other', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    const live = await apply(client, desired);
    expect(compare(desired, live, { manager })).toEqual({ state: 'in-sync' });

    const tcpOnly = manifest(edit(DEPLOYMENT, ', {containerPort: 53, protocol: UDP, name: dns-udp}', ''), namespace);
    expect(compare(tcpOnly, live, { manager })).toMatchObject({
      state: 'differs',
      changes: [{ path: `${WEB}.ports[containerPort=53,protocol="UDP"]`, kind: 'remove' }],
    });
    expect(compare(tcpOnly, await apply(client, tcpOnly), { manager })).toEqual({ state: 'in-sync' });

    const udpOnly = manifest(edit(DEPLOYMENT, '{containerPort: 53}, ', ''), namespace);
    const answer = await apply(client, udpOnly);
    expect(compare(udpOnly, answer, { manager })).toEqual({ state: 'in-sync' });
    const unnamed = manifest(
      edit(
        DEPLOYMENT,
        '{containerPort: 53}, {containerPort: 53, protocol: UDP, name: dns-udp}',
        '{containerPort: 53, name: dns-udp}',
      ),
      namespace,
    );
    expect(compare(unnamed, answer, { manager })).toMatchObject({ state: 'differs' });
    expect(compare(unnamed, await apply(client, unnamed), { manager })).toEqual({ state: 'in-sync' });
  });
});

describe('facts 18: what only the server says is in no comparison', () => {
  test('an object exported from the cluster and committed as it is', async ({ client, namespace }) => {
    const map = manifest('{apiVersion: v1, kind: ConfigMap, metadata: {name: exported}, data: {a: "1"}}', namespace);
    const exported = await apply(client, map);
    expect(payloadOf(exported)).toEqual(map);
    expect(compare(exported, await apply(client, exported), { manager })).toEqual({ state: 'in-sync' });
  });

  test('a status and a null creationTimestamp in Git', async ({ client, namespace }) => {
    const text = edit(
      DEPLOYMENT,
      '    metadata: {labels: {app: web}}',
      '    metadata: {creationTimestamp: null, labels: {app: web}}',
    );
    const desired = { ...manifest(text, namespace), status: { replicas: 99 } };
    expect(compare(desired, await apply(client, desired), { manager })).toEqual({ state: 'in-sync' });
  });
});

describe('facts 19: what controllers are there to write', () => {
  test("an aggregated ClusterRole's rules", async ({ client, namespace }) => {
    const name = newName();
    const part = manifest(
      `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: ${name}-part, labels: {aggregate: ${name}}}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}`,
      namespace,
    );
    const whole = manifest(
      `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: ${name}}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {aggregate: ${name}}}]}, rules: []}`,
      namespace,
    );
    try {
      await apply(client, whole);
      await apply(client, part);
      const live = await eventually(async () => {
        const role = await liveOf(client, whole);
        return Array.isArray(role['rules']) && role['rules'].length > 0 ? role : undefined;
      });
      expect(compare(whole, live, { manager })).toMatchObject({
        changes: [{ path: '.rules', heldBy: { manager: 'clusterrole-aggregation-controller', operation: 'Apply' } }],
      });
      const ignore = compileIgnore([], whole);
      expect(compare(whole, live, { manager, ignore })).toEqual({ state: 'in-sync' });
      expect(withoutFields(whole, ignore)).not.toHaveProperty('rules');
    } finally {
      // The whole first: the aggregation controller, seeing the part go, would apply it anew.
      await cleanUp(client, [part, whole]);
    }
  });

  test('replicas that an autoscaler set through /scale', async ({ client, namespace }) => {
    const desired = manifest(DEPLOYMENT, namespace);
    await apply(client, desired);
    const scale = await client.request({
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/${namespace}/deployments/web/scale?fieldManager=autoscaler`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{"spec":{"replicas":9}}',
    });
    expect(scale.status).toBe(200);
    const live = await liveOf(client, desired);
    expect(compare(desired, live, { manager })).toMatchObject({
      state: 'differs',
      changes: [
        {
          path: '.spec.replicas',
          kind: 'change',
          desired: 5,
          live: 9,
          heldBy: { manager: 'autoscaler', subresource: 'scale' },
        },
      ],
    });
    const ignore = compileIgnore([], desired, { autoscaled: true });
    expect(compare(desired, live, { manager, ignore })).toEqual({ state: 'in-sync' });
    expect(compileIgnore([], desired)).toBeUndefined();
  });

  test('a caBundle that an annotation asks for', async ({ client, namespace }) => {
    const name = newName();
    const desired = manifest(
      `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: ${name}, annotations: {cert-manager.io/inject-ca-from: demo/ca}}
webhooks:
- name: a.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  clientConfig: {service: {name: none, namespace: none}, caBundle: Cg==}
  rules: [{apiGroups: [none.example.com], apiVersions: [v1], operations: [CREATE], resources: [nothings]}]
`,
      namespace,
    );
    try {
      await apply(client, desired);
      const path = '/webhooks/0/clientConfig/caBundle';
      const live = await patch(client, desired, [{ op: 'replace', path, value: 'Y2E=' }], 'cainjector');
      expect(compare(desired, live, { manager })).toMatchObject({
        state: 'differs',
        changes: [{ path: '.webhooks[name="a.example.com"].clientConfig.caBundle', heldBy: { manager: 'cainjector' } }],
      });
      expect(compare(desired, live, { manager, ignore: compileIgnore([], desired) })).toEqual({ state: 'in-sync' });
    } finally {
      await cleanUp(client, [desired]);
    }
  });

  test('1024Mi and 1Gi, wherever built-in kinds hold quantities, are equal', async ({ client, namespace }) => {
    const claim = (storage: string) =>
      manifest(
        `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: q}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: ${storage}}}}}`,
        namespace,
      );
    const live = await apply(client, claim('1Gi'));
    expect(compare(claim('1024Mi'), live, { manager })).toEqual({ state: 'in-sync' });
    expect(compare(claim('1025Mi'), live, { manager })).toMatchObject({ state: 'differs' });
  });
});

test('somebody else made it: every desired field that is not ours is named with its holder', async ({
  client,
  namespace,
}) => {
  const desired = manifest(
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: made}, data: {a: "1", b: "2", c: "3"}}',
    namespace,
  );
  const live = (await client.create({ ...desired, data: { a: '1', b: 'other' } }, { manager: 'by-hand' })).object;
  expect(compare(desired, live, { manager }), printRef(refOf(live))).toMatchObject({
    state: 'unknown',
    reason: 'no-entry',
    changes: [
      {
        path: '.data.a',
        kind: 'ownership',
        desired: '1',
        live: '1',
        heldBy: { manager: 'by-hand', operation: 'Update' },
      },
      { path: '.data.b', kind: 'change', desired: '2', live: 'other', heldBy: { manager: 'by-hand' } },
      { path: '.data.c', kind: 'add', desired: '3' },
    ],
  });
});

test('an integer beyond 2^53 survives, and a neighbour of it is a difference', async ({ client, namespace }) => {
  const name = newName();
  const crd = manifest(
    `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bigs.${name}.example.com}
spec:
  group: ${name}.example.com
  names: {kind: Big, plural: bigs}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {n: {type: integer, format: int64}}}}
`,
    namespace,
  );
  const big = (n: bigint): KubeObject => ({
    apiVersion: `${name}.example.com/v1`,
    kind: 'Big',
    metadata: { name: 'b', namespace },
    n,
  });
  try {
    await apply(client, crd);
    const live = await apply(client, big(9_007_199_254_740_993n));
    expect(compare(big(9_007_199_254_740_993n), live, { manager })).toEqual({ state: 'in-sync' });
    expect(compare(big(9_007_199_254_740_992n), live, { manager })).toMatchObject({
      state: 'differs',
      changes: [{ path: '.n' }],
    });
  } finally {
    await cleanUp(client, [crd]);
  }
});

/** Nested objects match when they hold at least this. */
function deep(expected: object): object {
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [
      name,
      name === 'heldBy' ? expect.objectContaining(value as object) : (value as unknown),
    ]),
  );
}
