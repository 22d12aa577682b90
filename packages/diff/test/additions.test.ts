import {
  addedBack,
  additions,
  compare,
  compileIgnore,
  equalContent,
  ownedValues,
  removalPatch,
  withoutAdditions,
} from '@homeostat/diff';
import type { Addition, AdditionOptions } from '@homeostat/diff';
import type { KubeObject } from '@homeostat/kube';
import type { JsonPatchOp } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';
import { SEED, dice, fixtures } from './fixtures.ts';
import { applyAs, patchAs } from './ssa.ts';

const manager = { current: 'homeostat', former: ['old-name'] };
const options: AdditionOptions = { manager, tools: ['argocd-controller'] };

const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'demo', labels: { app: 'web' }, annotations: { note: 'ours' } },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            ports: [{ containerPort: 80, protocol: 'TCP' }],
            env: [{ name: 'A', value: 'a' }],
          },
        ],
        securityContext: {},
      },
    },
  },
};
const applied = applyAs(undefined, web, 'homeostat');
const pod = '/spec/template/spec';
const paths = (found: readonly Addition[]): readonly string[] => found.map(({ path }) => path);
const add = (path: string, value: unknown): JsonPatchOp => ({ op: 'add', path, value });

describe('what others added', () => {
  test('is nothing right after our own apply', () => {
    expect(additions(web, applied, options)).toEqual([]);
  });

  test.each([
    [
      'a sidecar, as one',
      [add(`${pod}/containers/-`, { name: 'side', image: 's:1', args: ['x'] })],
      '.spec.template.spec.containers[name="side"]',
      true,
    ],
    [
      'an environment variable',
      [add(`${pod}/containers/0/env/-`, { name: 'X', value: 'x' })],
      '.spec.template.spec.containers[name="web"].env[name="X"]',
      true,
    ],
    [
      'a command',
      [add(`${pod}/containers/0/command`, ['sh'])],
      '.spec.template.spec.containers[name="web"].command',
      true,
    ],
    [
      'privileged',
      [add(`${pod}/containers/0/securityContext`, { privileged: true })],
      '.spec.template.spec.containers[name="web"].securityContext',
      true,
    ],
    [
      'something in a map that we applied empty',
      [add(`${pod}/securityContext/runAsUser`, 0)],
      '.spec.template.spec.securityContext.runAsUser',
      true,
    ],
    ['the host network', [add(`${pod}/hostNetwork`, true)], '.spec.template.spec.hostNetwork', true],
    ['a service account', [add(`${pod}/serviceAccountName`, 'admin')], '.spec.template.spec.serviceAccountName', true],
    ['a node selector', [add(`${pod}/nodeSelector`, { disk: 'ssd' })], '.spec.template.spec.nodeSelector', false],
    ['a pause', [add('/spec/paused', true)], '.spec.paused', false],
    ['a label', [add('/metadata/labels/team', 'red')], '.metadata.labels.team', false],
    [
      'an owner',
      [add('/metadata/ownerReferences', [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }])],
      '.metadata.ownerReferences[uid="u"]',
      true,
    ],
  ] as const)('%s', (_title, operations, path, security) => {
    const [found, ...more] = additions(web, patchAs(applied, operations), options);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ path, security, heldBy: [{ manager: 'kubectl-edit', operation: 'Update' }] });
    expect(found?.heldBy[0].time).toMatch(/^2026-/);
  });

  test('comes with what decides about security first, then by path', () => {
    const live = patchAs(applied, [
      add('/metadata/labels/a', '1'),
      add('/spec/paused', true),
      add(`${pod}/hostPID`, true),
    ]);
    expect(paths(additions(web, live, options))).toEqual([
      '.spec.template.spec.hostPID',
      '.metadata.labels.a',
      '.spec.paused',
    ]);
  });

  test('names everyone who holds a part of it, the latest first', () => {
    const once = patchAs(applied, [add('/metadata/labels/a', '1')], 'first');
    const twice = applyAs(
      once,
      { ...web, metadata: { name: 'web', namespace: 'demo', labels: { a: '1' } }, spec: undefined },
      'second',
    );
    expect(additions(web, twice, options)[0]?.heldBy.map((holder) => holder.manager)).toEqual(['second', 'first']);
  });

  test('is not what our own or our former manager holds, nor what we released', () => {
    for (const name of ['homeostat', 'old-name', 'homeostat-released']) {
      expect(additions(web, patchAs(applied, [add('/spec/paused', true)], name), options)).toEqual([]);
    }
  });

  test('is not what controllers hold, what came through a subresource, or status', () => {
    expect(additions(web, patchAs(applied, [add('/spec/paused', true)], 'kube-controller-manager'), options)).toEqual(
      [],
    );
    expect(additions(web, patchAs(applied, [add('/status', { replicas: 1 })]), options)).toEqual([]);
    const scaled = patchAs(applied, [add('/spec/replicas', 3)], 'autoscaler');
    const entries = scaled.metadata.managedFields ?? [];
    const through = entries.map((entry) =>
      entry.manager === 'autoscaler' ? { ...entry, subresource: 'scale' } : entry,
    );
    expect(additions(web, { ...scaled, metadata: { ...scaled.metadata, managedFields: through } }, options)).toEqual(
      [],
    );
  });

  test('is not what is left to others by a rule, nor notes of tools, nor words to the engine', () => {
    const live = patchAs(applied, [
      add('/spec/paused', true),
      add(`${pod}/nodeSelector`, { disk: 'ssd' }),
      add('/spec/template/metadata/annotations', { 'kubectl.kubernetes.io/restartedAt': 'now' }),
      add('/metadata/annotations/homeostat.dev~1prune', 'false'),
      add('/metadata/annotations/helm.sh~1resource-policy', 'keep'),
      add('/metadata/finalizers', ['foregroundDeletion']),
    ]);
    const ignore = compileIgnore([{ pointers: ['/spec/paused', '/spec/template/spec/nodeSelector/disk'] }], web);
    expect(additions(web, live, { ...options, ignore })).toEqual([]);
  });

  test('is not the certificate that somebody injects', () => {
    const hook: KubeObject = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hook' },
      webhooks: [
        { name: 'a.b.c', clientConfig: { url: 'https://x' }, sideEffects: 'None', admissionReviewVersions: ['v1'] },
      ],
    };
    const live = patchAs(applyAs(undefined, hook, 'homeostat'), [
      add('/webhooks/0/clientConfig/caBundle', 'eA=='),
      add('/webhooks/0/failurePolicy', 'Ignore'),
    ]);
    expect(additions(hook, live, options)).toMatchObject([
      { path: '.webhooks[name="a.b.c"].failurePolicy', security: true },
    ]);
  });

  test('cannot be told where nothing shows what is ours', () => {
    const live = patchAs(applied, [add('/spec/paused', true)]);
    expect(additions(web, { ...live, metadata: { ...live.metadata, managedFields: [] } }, options)).toEqual([]);
    expect(additions({ ...web, apiVersion: 'apps/v2' }, live, options)).toEqual([]);
  });

  test.each([
    ['of another GitOps tool', 'argocd-controller', add('/spec/paused', true), 'held'],
    ['of nobody known', 'before-first-apply', add('/spec/paused', true), 'unknown-writer'],
    ['a finalizer', 'kubectl-edit', add('/metadata/finalizers', ['a.b/c']), 'lifecycle'],
    ['replicas that are left open', 'kubectl-edit', add('/spec/replicas', 3), 'scale'],
  ] as const)('is to be kept: %s', (_title, who, operation, keep) => {
    const live = patchAs(applied, [operation], who);
    const found = additions(web, live, options);
    expect(found).toMatchObject([{ keep }]);
    expect(removalPatch(web, live, new Set(paths(found)), options)).toBeUndefined();
  });

  test('is looked at piece by piece where only some of it must be kept', () => {
    const mine = patchAs(applied, [add(`${pod}/containers/-`, { name: 'side', image: 's:1' })]);
    const part = {
      ...web,
      metadata: { name: 'web', namespace: 'demo' },
      spec: { template: { spec: { containers: [{ name: 'side', workingDir: '/tmp' }] } } },
    };
    const live = applyAs(mine, part, 'argocd-controller');
    const found = additions(web, live, options);
    expect(found.map(({ path, keep }) => `${path.split('.').at(-1)} ${keep ?? ''}`)).toEqual([
      'image ',
      'name held',
      'workingDir held',
    ]);
  });

  test('shows no secret value', () => {
    const key: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', namespace: 'demo' },
      data: { a: 'eA==' },
    };
    const live = patchAs(applyAs(undefined, key, 'homeostat'), [add('/data/b', 'aHVudGVyMg==')]);
    const found = additions(key, live, options);
    expect(found).toMatchObject([{ path: '.data.b', value: '<redacted>', security: false }]);
    const bare: KubeObject = { ...key, data: undefined };
    const whole = patchAs(applyAs(undefined, bare, 'homeostat'), [add('/data', { b: 'aHVudGVyMg==' })]);
    expect(JSON.stringify(additions({ ...key, data: {} }, whole, options))).not.toContain('aHVudGVyMg');
  });
});

describe('the removal', () => {
  test('is guarded, takes last items first, and leaves no claim behind', () => {
    const live = patchAs({ ...applied, metadata: { ...applied.metadata, resourceVersion: '7' } }, [
      add(`${pod}/containers/0/env`, [
        { name: 'X', value: 'x' },
        { name: 'A', value: 'a' },
        { name: 'Y', value: 'y' },
      ]),
    ]);
    const found = new Set(paths(additions(web, live, options)));
    const removal = removalPatch(web, live, found, options);
    expect(removal?.operations.slice(0, 3)).toEqual([
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      { op: 'remove', path: `${pod}/containers/0/env/2` },
      { op: 'remove', path: `${pod}/containers/0/env/0` },
    ]);
    const after = withoutAdditions(web, live, found, options);
    expect(after.metadata.managedFields?.map((entry) => entry.manager)).toEqual(['homeostat']);
    expect(additions(web, after, options)).toEqual([]);
  });

  test('takes only what is wanted', () => {
    const live = patchAs(applied, [add('/spec/paused', true), add('/metadata/labels/team', 'red')]);
    const after = withoutAdditions(web, live, new Set(['.spec.paused']), options);
    expect(after['spec']).not.toHaveProperty('paused');
    expect(paths(additions(web, after, options))).toEqual(['.metadata.labels.team']);
  });

  test('what the server puts back unasked was a default', () => {
    const live = patchAs(applied, [add('/spec/paused', true), add('/spec/progressDeadlineSeconds', 600)]);
    const answer = patchAs(withoutAdditions(web, live, new Set(paths(additions(web, live, options))), options), [
      add('/spec/progressDeadlineSeconds', 600),
    ]);
    expect([...addedBack(web, live, answer, options)]).toEqual(['.spec.progressDeadlineSeconds']);
  });
});

describe(`laws (SEED=${SEED})`, () => {
  /** Places for one thing that nobody has, by what may stand there. */
  const PLACES: readonly (readonly [string, unknown])[] = [
    ['/metadata/labels/x', '1'],
    ['/metadata/annotations/x.y~1z', '1'],
    ['/spec/paused', true],
    ['/spec/minReadySeconds', 3],
    [`${pod}/hostNetwork`, true],
    [`${pod}/nodeSelector`, { a: 'b' }],
    [`${pod}/tolerations`, [{ key: 'x' }]],
    [`${pod}/volumes`, [{ name: 'v', emptyDir: {} }]],
    [`${pod}/initContainers`, [{ name: 'i', image: 'i' }]],
    [`${pod}/securityContext/runAsUser`, 0],
    [`${pod}/containers/0/command`, ['sh']],
    [`${pod}/containers/0/resources`, { limits: { cpu: '1' } }],
    [`${pod}/containers/0/env/0`, { name: 'X', value: 'x' }],
    [`${pod}/containers/0/ports/0`, { containerPort: 81, protocol: 'TCP' }],
    [`${pod}/containers/0/ports/0/name`, 'http'],
    [`${pod}/containers/0`, { name: 'side', image: 's' }],
    [`${pod}/containers/1`, { name: 'last', image: 's' }],
  ];
  const roll = dice(SEED);
  const worlds = Array.from({ length: 300 }, (): KubeObject => {
    const chosen = PLACES.filter(() => roll(3) === 0);
    const start: KubeObject = { ...applied, metadata: { ...applied.metadata, resourceVersion: '1' } };
    return chosen.reduce((live, [path, value]) => patchAs(live, [add(path, value)], `m${roll(3)}`), start);
  });

  test('what is taken away is all that was added, and nothing else', () => {
    for (const live of worlds) {
      const after = withoutAdditions(web, live, new Set(paths(additions(web, live, options))), options);
      expect(equalContent(after, applied)).toBe(true);
      expect(additions(web, after, options)).toEqual([]);
    }
  });

  test('nothing that is ours is touched, and the verdict stays what it was', () => {
    for (const live of worlds) {
      // In a map that we applied empty, an addition is in the value of a leaf of ours.
      if (JSON.stringify(live).includes('runAsUser')) continue;
      const wanted = paths(additions(web, live, options)).filter(() => roll(2) === 0);
      const after = withoutAdditions(web, live, new Set(wanted), options);
      expect(ownedValues(after, manager)).toEqual(ownedValues(live, manager));
      expect(compare(web, after, { manager })).toEqual(compare(web, live, { manager }));
      const left = paths(additions(web, live, options)).filter((path) => !wanted.includes(path));
      expect(paths(additions(web, after, options))).toEqual(left);
    }
  });

  test('no object as the server keeps it right after our apply has any', () => {
    for (const { desired, live } of fixtures()) {
      expect(
        additions(desired, live, options).map(({ path }) => `${desired.kind} ${desired.metadata.name} ${path}`),
      ).toEqual([]);
    }
  });
});
