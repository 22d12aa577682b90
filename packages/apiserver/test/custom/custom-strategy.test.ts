import { describe, expect, test } from 'vitest';
import { kubeData } from '@homeostat/kube/data';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import { customStrategy } from '../../src/custom/custom-strategy.ts';
import { scaleOf, setReplicas } from '../../src/custom/scale.ts';
import { metaRules } from '../../src/registry/meta-rules.ts';
import { createDecoder } from '../../src/decode/decoder.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { fieldErrorText } from '../../src/field-error.ts';
import type { Strategy } from '../../src/strategy.ts';

const rules = metaRules(createDecoder(kubeData()));
const context = { now: '', dryRun: false, allocate: { clusterIp: () => undefined, nodePort: () => undefined } };

function resourceWith(version: DraftMap): ReturnType<typeof customResourceOf> {
  return customResourceOf({
    spec: {
      group: 'a.io',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, ...version }],
    },
  });
}

function strategyOf(version: DraftMap): Strategy {
  const resource = resourceWith(version);
  if (resource.versions[0] === undefined) throw new Error('no version');
  return customStrategy(resource, resource.versions[0], rules);
}

function thing(fields: DraftMap): Draft {
  return { apiVersion: 'a.io/v1', kind: 'Thing', metadata: { name: 'x' }, ...fields };
}

const schema = {
  openAPIV3Schema: {
    type: 'object',
    properties: { spec: { type: 'object' }, status: { type: 'object', properties: { phase: { type: 'string' } } } },
  },
};

describe('a custom object', () => {
  test('with a status subresource leaves its status alone at the main endpoint', () => {
    const strategy = strategyOf({ schema, subresources: { status: {} } });
    const created = thing({ status: { phase: 'Mine' } });
    strategy.prepareCreate(created, context);
    expect(created['status']).toBeUndefined();
    const updated = thing({ spec: { a: 1 }, status: { phase: 'Mine' } });
    strategy.prepareUpdate(updated, thing({ status: { phase: 'Theirs' } }), context);
    expect(updated).toMatchObject({ spec: { a: 1 }, status: { phase: 'Theirs' } });
  });

  test('changes nothing but its status at /status, and keeps the records of the field manager', () => {
    const strategy = strategyOf({ schema, subresources: { status: {} } });
    const old = thing({ metadata: { name: 'x', labels: { a: 'b' } }, spec: { a: 1 } });
    const draft = thing({
      metadata: { name: 'x', labels: { a: 'c' }, managedFields: [{ manager: 'm' }] },
      spec: { a: 2 },
      status: { phase: 'New' },
    });
    strategy.status?.prepareUpdate(draft, old);
    expect(draft).toEqual(
      thing({
        metadata: { name: 'x', labels: { a: 'b' }, managedFields: [{ manager: 'm' }] },
        spec: { a: 1 },
        status: { phase: 'New' },
      }),
    );
    draft['status'] = { phase: 5 };
    expect(strategy.status?.validateUpdate(draft, old).map(({ field }) => field)).toEqual(['status.phase']);
  });

  test('without one has a status like any other field', () => {
    const strategy = strategyOf({ schema });
    const created = thing({ status: { phase: 'Mine' } });
    strategy.prepareCreate(created, context);
    expect(created['status']).toEqual({ phase: 'Mine' });
    expect(strategy.status).toBeUndefined();
  });

  test('of another kind is refused for that alone', () => {
    const errors = strategyOf({ schema }).validateCreate({ ...thing({ spec: 5 }), kind: 'Other' });
    expect(errors.map(fieldErrorText)).toEqual(['Invalid value: "Other": must be Thing']);
  });

  test('that is too wrong for rules says that they were not checked', () => {
    const strategy = strategyOf({
      schema: {
        openAPIV3Schema: {
          type: 'object',
          'x-kubernetes-validations': [{ rule: 'true' }],
          properties: { spec: { type: 'object' } },
        },
      },
    });
    expect(strategy.validateCreate(thing({ spec: 5 })).map(fieldErrorText)).toEqual([
      'Invalid value: "integer": spec in body must be of type object: "integer"',
      'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  test('warns of finalizers without a domain, once', () => {
    const strategy = strategyOf({ schema });
    const draft = thing({ metadata: { name: 'x', finalizers: ['mine', 'a.io/mine'] } });
    expect(strategy.warnings?.(draft, undefined)).toEqual([
      'metadata.finalizers: "mine": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
    ]);
    expect(strategy.warnings?.(draft, draft)).toEqual([]);
  });
});

describe('the scale of a custom object', () => {
  const paths = { specReplicas: '.spec.size.now', statusReplicas: '.status.size', labelSelector: '.status.selector' };

  test('is read from the places that the definition names', () => {
    const object = thing({ spec: { size: { now: 3 } }, status: { size: 2, selector: 'a=b' } });
    expect(scaleOf(object, paths, 'refused')).toMatchObject({
      spec: { replicas: 3 },
      status: { replicas: 2, selector: 'a=b' },
    });
  });

  test('is refused where there are no replicas', () => {
    expect(() => scaleOf(thing({}), paths, 'refused')).toThrow(
      'the spec replicas field ".spec.size.now" does not exist',
    );
    expect(scaleOf(thing({}), paths, 'zero')).toMatchObject({ spec: {}, status: { replicas: 0 } });
  });

  test('is written with the objects on the way', () => {
    const object = thing({});
    setReplicas(object, paths, 4);
    expect(object['spec']).toEqual({ size: { now: 4 } });
    expect(() => setReplicas(thing({ spec: 5 }), paths, 4)).toThrow('value cannot be set because .spec is not a map');
    expect(() => setReplicas(thing({}), paths, undefined)).toThrow('cannot be empty');
  });
});
