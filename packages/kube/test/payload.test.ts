import { payloadOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { object } from './objects.ts';
import { property, randomJson } from './property.ts';

describe('payloadOf', () => {
  test('leaves out what only the server says', () => {
    const exported = object(
      'apps/v1 Deployment demo/web',
      { spec: { replicas: 2 }, status: { replicas: 2 } },
      {
        uid: '1f',
        resourceVersion: '7',
        generation: 3,
        creationTimestamp: '2026-11-25T00:00:00Z',
        managedFields: [{ manager: 'kubectl' }],
        selfLink: '/x',
        deletionTimestamp: '2026-11-25T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        labels: { app: 'web' },
        finalizers: ['example.com/f'],
      },
    );
    expect(payloadOf(exported)).toEqual(
      object(
        'apps/v1 Deployment demo/web',
        { spec: { replicas: 2 } },
        { labels: { app: 'web' }, finalizers: ['example.com/f'] },
      ),
    );
  });

  test('leaves out the empty timestamps that Go programs print in templates', () => {
    const pod = { metadata: { creationTimestamp: null, labels: { app: 'web' } }, spec: { containers: [] } };
    const clean = { metadata: { labels: { app: 'web' } }, spec: { containers: [] } };
    const payload = (spec: unknown) => payloadOf(object('v1 Any demo/x', { spec }))['spec'];
    expect(payload({ template: pod })).toEqual({ template: clean });
    expect(payload({ jobTemplate: { metadata: { creationTimestamp: null }, spec: { template: pod } } })).toEqual({
      jobTemplate: { metadata: {}, spec: { template: clean } },
    });
    expect(payload({ volumeClaimTemplates: [pod, { spec: {} }] })).toEqual({
      volumeClaimTemplates: [clean, { spec: {} }],
    });
  });

  test('keeps a timestamp that says something', () => {
    const spec = { template: { metadata: { creationTimestamp: '2026-01-01T00:00:00Z' } } };
    expect(payloadOf(object('v1 Any demo/x', { spec }))['spec']).toBe(spec);
  });

  test('folds stringData into data, over which it wins', () => {
    const secret = object('v1 Secret demo/s', {
      type: 'Opaque',
      data: { user: 'YWRtaW4=', password: 'b2xk' },
      stringData: { password: 'grüße', empty: '', nothing: null },
    });
    expect(payloadOf(secret)).toEqual(
      object('v1 Secret demo/s', {
        type: 'Opaque',
        data: { user: 'YWRtaW4=', password: 'Z3LDvMOfZQ==', empty: '', nothing: '' },
      }),
    );
    expect(payloadOf(object('v1 Secret demo/s', { stringData: {} }))).toEqual(object('v1 Secret demo/s'));
    expect(payloadOf(object('v1 Secret demo/s', { stringData: null }))).toEqual(object('v1 Secret demo/s'));
  });

  test('writes null and broken lines in data as the server keeps them', () => {
    expect(payloadOf(object('v1 Secret demo/s', { data: { a: null, b: 'aGVs\nbG8=\n' } }))['data']).toEqual({
      a: '',
      b: 'aGVsbG8=',
    });
    const map = object('v1 ConfigMap demo/c', {
      data: { a: null, b: 'two\nlines' },
      binaryData: { c: null, d: 'aGVs\r\nbG8=' },
    });
    expect(payloadOf(map)).toEqual(
      object('v1 ConfigMap demo/c', { data: { a: '', b: 'two\nlines' }, binaryData: { c: '', d: 'aGVsbG8=' } }),
    );
  });

  test('leaves data of the wrong shape to the server', () => {
    for (const fields of [{ stringData: { port: 80 } }, { stringData: ['a'] }, { stringData: { a: 'b' }, data: 'c' }]) {
      const secret = object('v1 Secret demo/s', fields);
      expect(payloadOf(secret)).toBe(secret);
    }
  });

  test('touches data of no other kind', () => {
    const other = object('example.com/v1 Secret demo/s', { stringData: { a: 'b' }, data: { c: null } });
    expect(payloadOf(other)).toBe(other);
  });

  property(
    'is idempotent, changes nothing in place, and gives the same instance when there is nothing to do',
    (random) => {
      const kind = random.pick(['v1 Secret demo/s', 'v1 ConfigMap demo/c', 'apps/v1 Deployment demo/web']);
      const fields = ['data', 'stringData', 'binaryData', 'spec', 'status'].filter(() => random.below(2) === 0);
      const given: KubeObject = object(kind, Object.fromEntries(fields.map((field) => [field, randomJson(random)])));
      const before = structuredClone(given);
      const once = payloadOf(given);
      expect(given).toEqual(before);
      expect(payloadOf(once)).toBe(once);
    },
  );
});
