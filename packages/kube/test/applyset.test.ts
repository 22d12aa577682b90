import {
  formatHints,
  GROUP_KINDS_ANNOTATION,
  isMember,
  MANAGED_ANNOTATION,
  managedAnnotation,
  NAMESPACES_ANNOTATION,
  parseGroupKind,
  parseHints,
  PART_OF_LABEL,
  printGroupKind,
  proofOf,
  refOf,
  setIdentity,
  setOf,
  withMembership,
} from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry, Managers } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { object } from './objects.ts';

const set = setIdentity('flux', 'shop');
const managers: Managers = { current: 'homeostat', former: ['homeostat-old'] };
const ref = { group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'web' };

describe('setIdentity', () => {
  test('computes the id that kubectl 1.37 computes for the same parent', () => {
    // Read back from `kubectl apply --prune --applyset=configmaps/mysync --namespace kube-vocab-19380`.
    expect(setIdentity('kube-vocab-19380', 'mysync').id).toBe(
      'applyset-zRTCfN1FG7Mg_UpYFJpiteTtqC54lKRTouPoSgHksWE-v1',
    );
  });
});

describe('hints', () => {
  test('are sorted, without doubles, and read back to the same', () => {
    const hints = formatHints({
      groupKinds: ['Deployment.apps', 'ConfigMap', 'ConfigMap', 'Widget.example.com'].map(parseGroupKind),
      namespaces: ['b', 'a', 'b'],
    });
    expect(hints).toEqual({
      [GROUP_KINDS_ANNOTATION]: 'ConfigMap,Deployment.apps,Widget.example.com',
      [NAMESPACES_ANNOTATION]: 'a,b',
    });
    expect(formatHints(parseHints(hints))).toEqual(hints);
  });

  test('may be empty or missing', () => {
    expect(formatHints({ groupKinds: [], namespaces: [] })).toEqual({
      [GROUP_KINDS_ANNOTATION]: '',
      [NAMESPACES_ANNOTATION]: '',
    });
    expect(parseHints({ [GROUP_KINDS_ANNOTATION]: '', [NAMESPACES_ANNOTATION]: ' a , ,b' })).toEqual({
      groupKinds: [],
      namespaces: ['a', 'b'],
    });
    expect(parseHints(undefined)).toEqual({ groupKinds: [], namespaces: [] });
  });

  test.each(['ConfigMap', 'Deployment.apps', 'Widget.example.com'])('name the kind %s reversibly', (text) => {
    expect(printGroupKind(parseGroupKind(text))).toBe(text);
  });
});

describe('withMembership', () => {
  test('adds label and annotation, and keeps those that are there', () => {
    const plain = object(
      'apps/v1 Deployment demo/web',
      { spec: {} },
      { labels: { app: 'web' }, annotations: { note: 'x' } },
    );
    const member = withMembership(plain, set);
    expect(member.metadata.labels).toEqual({ app: 'web', [PART_OF_LABEL]: set.id });
    expect(member.metadata.annotations).toEqual({
      note: 'x',
      [MANAGED_ANNOTATION]: 'flux/shop:apps/Deployment:demo/web',
    });
    expect(member['spec']).toBe(plain['spec']);
    expect(setOf(member)).toBe(set.id);
    expect(withMembership(member, set)).toBe(member);
  });

  test('names objects of the core group and without namespace too', () => {
    expect(managedAnnotation(set, refOf(object('v1 Namespace demo')))).toBe('flux/shop:/Namespace:/demo');
  });

  test('takes over the label and annotation that a copied manifest brings along', () => {
    const copied = withMembership(object('apps/v1 Deployment demo/other'), setIdentity('flux', 'blog'));
    const member = withMembership(copied, set);
    expect([setOf(member), member.metadata.annotations?.[MANAGED_ANNOTATION]]).toEqual([
      set.id,
      'flux/shop:apps/Deployment:demo/other',
    ]);
  });
});

describe('proofOf', () => {
  test('proves what our manager applied, by its present or a former name', () => {
    expect(proofOf(live(), set, managers)).toEqual({ proven: true });
    expect(proofOf(live({ entries: [entry({ manager: 'homeostat-old' })] }), set, managers)).toEqual({ proven: true });
  });

  test('proves it with the entries of others around', () => {
    const others = [
      entry({ manager: 'kubectl', operation: 'Update' }),
      entry({ subresource: 'status', fieldsV1: { 'f:status': {} } }),
    ];
    expect(isMember(live({ entries: [...others, entry()] }), set, managers)).toBe(true);
  });

  test.each<[string, KubeObject, object]>([
    ['an object without our label', live({ labels: {} }), { reason: 'no-label' }],
    ['an object without any label', live({ labels: undefined }), { reason: 'no-label' }],
    [
      'a member whose label was changed',
      live({ labels: { [PART_OF_LABEL]: 'applyset-x-v1' } }),
      { reason: 'other-set', owner: 'applyset-x-v1' },
    ],
    [
      "another sync's member",
      withMembership(object('apps/v1 Deployment demo/web'), setIdentity('flux', 'blog')),
      { reason: 'other-set', owner: 'flux/blog' },
    ],
    [
      'an object whose annotation says that another sync manages it',
      live({ annotations: { [MANAGED_ANNOTATION]: 'flux/blog:apps/Deployment:demo/web' } }),
      { reason: 'other-set', owner: 'flux/blog' },
    ],
    [
      'a copy that a backup tool restored with managedFields into another namespace',
      live({ namespace: 'restored' }),
      { reason: 'other-object' },
    ],
    ['a copy under another name', live({ name: 'web-2' }), { reason: 'other-object' }],
    ['a member whose annotation was removed', live({ annotations: {} }), { reason: 'other-object' }],
    [
      'a label that was changed and put back, so that its entry is lost',
      live({ entries: [entry({ fieldsV1: fields(['annotation']) })] }),
      { reason: 'not-applied' },
    ],
    [
      'a label set by kubectl label',
      live({ entries: [entry({ manager: 'kubectl-label', operation: 'Update' })] }),
      { reason: 'not-applied', owner: 'kubectl-label' },
    ],
    [
      'a copy that a person applied',
      live({ entries: [entry({ manager: 'kubectl' })] }),
      { reason: 'not-applied', owner: 'kubectl' },
    ],
    [
      'an Endpoints object that the controller gave the labels of its Service',
      live({
        entries: [entry({ manager: 'kube-controller-manager', operation: 'Update', fieldsV1: fields(['label']) })],
      }),
      { reason: 'not-applied', owner: 'kube-controller-manager' },
    ],
    ['a create whose managedFields the server dropped', live({ entries: undefined }), { reason: 'not-applied' }],
    ['managedFields that were reset', live({ entries: [{}] }), { reason: 'not-applied' }],
    ['managedFields that were emptied', live({ entries: [] }), { reason: 'not-applied' }],
    [
      'our manager, but only through a subresource',
      live({ entries: [entry({ subresource: 'status' })] }),
      { reason: 'not-applied', owner: 'homeostat' },
    ],
    [
      'our manager, but by Update',
      live({ entries: [entry({ operation: 'Update' })] }),
      { reason: 'not-applied', owner: 'homeostat' },
    ],
    [
      'label and annotation in two entries, neither of which holds both',
      live({
        entries: [
          entry({ fieldsV1: fields(['label']) }),
          entry({ manager: 'homeostat-old', fieldsV1: fields(['annotation']) }),
        ],
      }),
      { reason: 'not-applied', owner: 'homeostat' },
    ],
  ])('does not prove %s', (_what, candidate, expected) => {
    expect(proofOf(candidate, set, managers)).toEqual({ proven: false, ...expected });
    expect(isMember(candidate, set, managers)).toBe(false);
  });
});

interface Live {
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: Record<string, string> | undefined;
  readonly annotations?: Record<string, string>;
  readonly entries?: readonly ManagedFieldsEntry[] | undefined;
}

/** A proven member, but for what is said otherwise. */
function live(changes: Live = {}): KubeObject {
  const { namespace = 'demo', name = 'web' } = changes;
  return object(
    `apps/v1 Deployment ${namespace}/${name}`,
    {},
    {
      labels: 'labels' in changes ? changes.labels : { [PART_OF_LABEL]: set.id },
      annotations: changes.annotations ?? { [MANAGED_ANNOTATION]: managedAnnotation(set, ref) },
      managedFields: 'entries' in changes ? changes.entries : [entry()],
    },
  );
}

function entry(changes: ManagedFieldsEntry = {}): ManagedFieldsEntry {
  return {
    manager: 'homeostat',
    operation: 'Apply',
    apiVersion: 'apps/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: fields(['label', 'annotation']),
    ...changes,
  };
}

function fields(owned: readonly ('label' | 'annotation')[]): Record<string, unknown> {
  return {
    'f:metadata': {
      ...(owned.includes('label') && { 'f:labels': { 'f:app': {}, [`f:${PART_OF_LABEL}`]: {} } }),
      ...(owned.includes('annotation') && { 'f:annotations': { [`f:${MANAGED_ANNOTATION}`]: {} } }),
    },
    'f:spec': { 'f:replicas': {} },
  };
}
