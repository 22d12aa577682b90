import { expect, test } from 'vitest';
import { whatHolds } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';

const deletionTimestamp = '2026-11-25T10:00:00Z';

test('the finalizers are named', () => {
  const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers: ['a.b/c', 'd.e/f'] } };
  expect(whatHolds(live)).toBe('it waits for its finalizers a.b/c, d.e/f');
});

test('of a Namespace, what is left in it and holds it', () => {
  const live: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'a', deletionTimestamp },
    spec: { finalizers: ['kubernetes'] },
    status: {
      conditions: [
        { type: 'NamespaceDeletionContentFailure', status: 'False', message: 'All content successfully deleted' },
        {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
        },
      ],
    },
  };
  expect(whatHolds(live)).toBe(
    'it waits for its finalizers kubernetes; Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  );
});

test('nothing that can be named', () => {
  const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', deletionTimestamp } };
  expect(whatHolds(live)).toBe('the server has not removed it yet');
});
