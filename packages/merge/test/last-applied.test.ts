import { applyConfiguration, trackUpdate } from '@homeostat/merge';
import type { JsonObject } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';
import { ownersOf, specType } from './story.ts';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const type = specType({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } });
const tracking = { typeOf: () => type, convert: () => undefined, now: '2026-01-01T00:00:00Z' };

function config(spec: object, annotations?: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'T', metadata: { name: 't', ...(annotations && { annotations }) }, spec };
}

/** What client-side apply leaves behind. */
function clientSideApplied(spec: object): JsonObject {
  const object = config(spec, { [ANNOTATION]: JSON.stringify(config(spec)) });
  return trackUpdate(undefined, object, { ...tracking, manager: 'kubectl-client-side-apply' });
}

function apply(live: JsonObject, applied: JsonObject, manager: string): JsonObject {
  return applyConfiguration(live, applied, { ...tracking, manager, force: false }).object;
}

describe('taking over from client-side apply', () => {
  test('kubectl gets what client-side apply had put there', () => {
    const after = apply(clientSideApplied({ a: '1', b: '1' }), config({ a: '2', b: '1' }), 'kubectl');
    expect(ownersOf(after)['kubectl']).toBe('.a .b');
    expect(after['spec']).toEqual({ a: '2', b: '1' });
  });

  test('another manager does not', () => {
    expect(() => apply(clientSideApplied({ a: '1' }), config({ a: '2' }), 'other')).toThrow(
      'conflict with "kubectl-client-side-apply" using v1: .spec.a',
    );
  });

  test('what somebody changed since is still a conflict, and the only one told', () => {
    const changed = { ...clientSideApplied({ a: '1', b: '1' }), spec: { a: '1', b: '9' } };
    const live = trackUpdate(clientSideApplied({ a: '1', b: '1' }), changed, { ...tracking, manager: 'ctl' });
    expect(() => apply(live, config({ a: '2', b: '2' }), 'kubectl')).toThrow(
      'Apply failed with 1 conflict: conflict with "ctl" using v1: .spec.b',
    );
  });

  test.each(['not JSON', '[]', JSON.stringify({ apiVersion: 'v2' }), JSON.stringify(config({ zz: 1 }))])(
    'an annotation that cannot be used (%s) changes nothing',
    (annotation) => {
      const object = config({ a: '1' }, { [ANNOTATION]: annotation });
      const live = trackUpdate(undefined, object, { ...tracking, manager: 'kubectl-client-side-apply' });
      expect(() => apply(live, config({ a: '2' }), 'kubectl')).toThrow('1 conflict');
    },
  );
});

describe('the annotation', () => {
  const annotationOf = (object: JsonObject) =>
    (object['metadata'] as { annotations: Readonly<Record<string, string>> }).annotations[ANNOTATION];

  test('is rewritten by kubectl: compact, sorted, escaped as Go does, with a line end', () => {
    const after = apply(clientSideApplied({ a: '1' }), config({ b: '<&>', a: '1' }), 'kubectl');
    expect(annotationOf(after)).toBe(
      '{"apiVersion":"v1","kind":"T","metadata":{"name":"t"},"spec":{"a":"1","b":"\\u003c\\u0026\\u003e"}}\n',
    );
  });

  test('does not change when the same is applied again', () => {
    const after = apply(clientSideApplied({ a: '1' }), config({ a: '1' }), 'kubectl');
    expect(apply(after, config({ a: '1' }), 'kubectl')).toBe(after);
  });

  test('does not hold itself', () => {
    const live = clientSideApplied({ a: '1' });
    const after = apply(live, config({ a: '1' }, { [ANNOTATION]: annotationOf(live) }), 'kubectl');
    expect(annotationOf(after)).toContain('"annotations":{}');
  });

  test('is neither made nor touched by others', () => {
    expect(apply(config({ a: '1' }), config({ a: '1' }), 'kubectl')['metadata']).not.toHaveProperty('annotations');
    const live = clientSideApplied({ a: '1' });
    expect(annotationOf(apply(live, config({ a: '1', b: '1' }), 'other'))).toBe(annotationOf(live));
  });

  test('is left out when it would make the annotations too large', () => {
    const after = apply(clientSideApplied({ a: '1' }), config({ b: 'x'.repeat(300_000) }), 'kubectl');
    expect(annotationOf(after)).toBeUndefined();
  });
});
