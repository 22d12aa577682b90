import { describe, expect, test } from 'vitest';
import { acceptNames, ESTABLISHED, setCondition } from '../../src/custom/accept-names.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { fieldErrorText } from '../../src/field-error.ts';
import { createCrd, invalidCrds, resourcesOf, updateCrd } from './support.ts';

const GROUP = 'a.example.com';

function causes(crd: Draft, old?: Draft): readonly string[] {
  const { body } = old === undefined ? createCrd(crd) : updateCrd(crd, old);
  const { details } = body as { readonly details?: { readonly causes: readonly { field: string; message: string }[] } };
  return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
}

function crdOf(spec: DraftMap): Draft {
  const [base] = invalidCrds(GROUP);
  if (base === undefined) throw new Error('no definition');
  const crd = structuredClone(base);
  crd.metadata['name'] = `things.${GROUP}`;
  Object.assign(crd['spec'] as DraftMap, spec);
  return crd;
}

function version(name: string, schema: DraftMap, rest: DraftMap = {}): DraftMap {
  return { name, served: true, storage: true, schema: { openAPIV3Schema: schema }, ...rest };
}

describe('a CustomResourceDefinition', () => {
  test('gets its names, its conversion and its stored version', () => {
    const { code, body } = createCrd(crdOf({}));
    expect(code).toBe(201);
    expect(body).toMatchObject({
      spec: { names: { singular: 'thing', listKind: 'ThingList' }, conversion: { strategy: 'None' } },
      status: { storedVersions: ['v1'] },
    });
  });

  test('of the corpus of valid ones is accepted, of that of invalid ones refused', () => {
    for (const { crd } of resourcesOf(GROUP)) expect(createCrd(crd as Draft).code, JSON.stringify(crd)).toBe(201);
    const accepted = invalidCrds(GROUP).filter((crd) => createCrd(crd).code === 201);
    // Names inside of embedded metadata may be anything; defaults of free fields are never applied, so nobody looks.
    expect(accepted).toHaveLength(2);
  });

  test('says of each rule in CEL that it is not evaluated', () => {
    const spec = { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.a > 0' }] };
    const crd = crdOf({ versions: [version('v1', { type: 'object', properties: { spec } })] });
    expect(createCrd(crd).warnings).toEqual([
      'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]: this server does not evaluate CEL rules; objects that violate this one are accepted',
    ]);
  });

  test('that converts by webhook is refused', () => {
    expect(causes(crdOf({ conversion: { strategy: 'Webhook' } }))).toEqual([
      'spec.conversion.strategy: Forbidden: conversion by webhook is not implemented by this server',
    ]);
  });

  test('keeps its scope and kind once it is established, and its group and plural always', () => {
    const old = crdOf({});
    const next = crdOf({ scope: 'Cluster', names: { plural: 'boxes', kind: 'Box' } });
    expect(causes(next, old)).toEqual(['spec.names.plural: Invalid value: "boxes": field is immutable']);
    const established = { ...old, status: { conditions: [ESTABLISHED], storedVersions: ['v1'] } };
    expect(causes(next, established)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Box": field is immutable',
      'spec.names.plural: Invalid value: "boxes": field is immutable',
    ]);
  });

  test('remembers every version that was stored', () => {
    const old = { ...crdOf({}), status: { storedVersions: ['v1'] } };
    const schema = { type: 'object' };
    const both = [version('v1', schema, { storage: false }), version('v2', schema)];
    expect(updateCrd(crdOf({ versions: both }), old).body).toMatchObject({ status: { storedVersions: ['v1', 'v2'] } });
    expect(causes(crdOf({ versions: [version('v2', schema)] }), old)[0]).toContain(
      'v1 was previously a storage version',
    );
  });
});

describe('names of definitions', () => {
  const jar = {
    spec: { group: GROUP, names: {} },
    status: { acceptedNames: { plural: 'jars', kind: 'Jar', listKind: 'JarList' } },
  };
  const wanting = (names: DraftMap, status?: DraftMap): DraftMap => ({ spec: { group: GROUP, names }, status });

  test('are accepted when they are free', () => {
    const names = { plural: 'pots', singular: 'pot', kind: 'Pot', listKind: 'PotList' };
    const { acceptedNames, namesAccepted, established } = acceptNames(wanting(names), [jar]);
    expect(acceptedNames).toEqual(names);
    expect([namesAccepted.reason, established.reason]).toEqual(['NoConflicts', 'Installing']);
  });

  test('are refused one by one, and the last refusal is told', () => {
    const names = { plural: 'jars', singular: 'pot', kind: 'Pot', listKind: 'JarList' };
    const { acceptedNames, namesAccepted, established } = acceptNames(wanting(names), [jar]);
    expect(acceptedNames).toEqual({ singular: 'pot', kind: 'Pot' });
    expect(namesAccepted).toMatchObject({
      status: 'False',
      reason: 'ListKindConflict',
      message: '"JarList" is already in use',
    });
    expect(established.reason).toBe('NotAccepted');
  });

  test('of other groups do not matter', () => {
    const other = { ...jar, spec: { group: 'b.example.com' } };
    expect(acceptNames(wanting({ plural: 'jars', kind: 'Jar' }), [other]).namesAccepted.status).toBe('True');
  });

  test('a condition keeps its time until its status changes', () => {
    const status: DraftMap = {};
    setCondition(status, { ...ESTABLISHED, status: 'False', reason: 'Installing' }, '2024-01-01T00:00:00Z');
    setCondition(status, { ...ESTABLISHED, status: 'False', reason: 'NotAccepted' }, '2024-01-01T00:00:01Z');
    expect(status['conditions']).toMatchObject([{ reason: 'NotAccepted', lastTransitionTime: '2024-01-01T00:00:00Z' }]);
    setCondition(status, ESTABLISHED, '2024-01-01T00:00:02Z');
    expect(status['conditions']).toMatchObject([{ status: 'True', lastTransitionTime: '2024-01-01T00:00:02Z' }]);
  });
});

test('messages name values as Go prints them', () => {
  expect(fieldErrorText({ type: 'Invalid', field: 'a', value: { a: '<b>' }, detail: 'x' })).toBe(
    String.raw`Invalid value: {"a":"\u003cb\u003e"}: x`,
  );
});
