import { kubeData } from '@homeostat/kube/data';
import { describe, expect, test } from 'vitest';
import { createDecoder } from '../../src/decode/decoder.ts';
import type { Draft } from '../../src/draft.ts';
import { convertEvent } from '../../src/kinds/event-versions.ts';
import { resetFieldsOf, strategyOf } from '../../src/kinds/index.ts';
import { builtinDecode } from './decode.ts';
import { invalidCases } from './invalid.ts';
import { groupKindOf, merged, replay } from './replay.ts';
import type { Case } from './replay.ts';
import { validCases } from './valid.ts';

const data = kubeData();
const decode = builtinDecode(createDecoder(data), data);
const NAMESPACE = 'here';

function named(one: Case): Case {
  return JSON.parse(JSON.stringify(one).replaceAll('RANDOM', 'x1').replaceAll('NAMESPACE', NAMESPACE)) as Case;
}

function outcomeOf(one: Case): ReturnType<typeof replay> {
  const resource = data.groupVersions
    .flatMap((version) => version.resources)
    .find(({ kind }) => kind === one.object.kind);
  return replay(named(one), decode, resource?.namespaced === true ? NAMESPACE : undefined);
}

describe('without a cluster', () => {
  test.each(validCases)('accepted: $title', (one) => {
    expect(outcomeOf(one)).toHaveProperty('object');
  });

  test.each(invalidCases)('refused: $title', (one) => {
    expect(outcomeOf(one)).toMatchObject({ status: { code: 422, reason: 'Invalid' } });
  });
});

test('what is stored is a fixed point: its defaults add nothing, and writing it again changes nothing', () => {
  for (const one of validCases) {
    const outcome = outcomeOf(one);
    if (!('object' in outcome)) throw new Error(one.title);
    const stored = outcome.object;
    const again = decode(structuredClone(stored));
    strategyOf(...groupKindOf(stored)).setDefaults(again);
    expect(again, one.title).toEqual(stored);
    const written = outcomeOf({ ...one, object: stored, update: {} });
    expect(written, one.title).toHaveProperty('object');
  }
});

test('the object in the store is never changed', () => {
  for (const one of [...validCases, ...invalidCases].filter(({ update }) => update !== undefined)) {
    const { title, object, update } = named(one);
    const old = freeze(decode({ ...structuredClone(object), metadata: { ...object.metadata } }));
    const strategy = strategyOf(...groupKindOf(old));
    const draft = decode(merged(old, update) as Draft);
    const context = {
      now: '2026-11-25T00:00:00Z',
      dryRun: false,
      allocate: { clusterIp: () => '10.0.0.1', nodePort: () => 30_000 },
    };
    const change = (): void => {
      strategy.prepareUpdate(draft, old, context);
      strategy.validateUpdate(draft, old);
      strategy.status?.prepareUpdate(draft, old);
    };
    expect(change, title).not.toThrow(TypeError);
  }
});

test('every kind whose status has an endpoint has a strategy for it, and fields that it does not write', () => {
  // CustomResourceDefinitions have their own.
  const kinds = data.groupVersions.flatMap(({ group, resources }) =>
    resources
      .filter(
        ({ kind, subresources }) =>
          kind !== 'CustomResourceDefinition' && subresources.some(({ name }) => name === 'status'),
      )
      .map(({ kind }) => [group, kind] as const),
  );
  expect(kinds.length).toBeGreaterThan(20);
  for (const [group, kind] of kinds) {
    expect(strategyOf(group, kind).status, kind).toBeDefined();
    expect(resetFieldsOf(group, kind, 'status'), kind).toContainEqual(['spec']);
    expect(resetFieldsOf(group, kind, 'main'), kind).toContainEqual(['status']);
  }
});

test('a claim without a class may get one, once', () => {
  const claim: Case = {
    title: 'claim',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  };
  expect(outcomeOf({ ...claim, update: { spec: { storageClassName: 'fast' } } })).toHaveProperty('object');
  const classed = merged(claim.object, { spec: { storageClassName: 'fast' } }) as Case['object'];
  const moved = outcomeOf({ ...claim, object: classed, update: { spec: { storageClassName: 'slow' } } });
  expect(moved).toMatchObject({ status: { code: 422 } });
});

test('addresses and ports that are gone are told apart from those out of range', () => {
  const service = (spec: object, allocate: { clusterIp: () => undefined; nodePort: () => undefined }): (() => void) => {
    const draft = decode({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
    const strategy = strategyOf('', 'Service');
    strategy.setDefaults(draft);
    return () => strategy.prepareCreate(draft, { now: '', dryRun: false, allocate });
  };
  const none = { clusterIp: () => undefined, nodePort: () => undefined };
  const some = { ...none, clusterIp: (() => '10.0.0.1') as unknown as () => undefined };
  const ports = [{ port: 80 }];
  expect(service({ ports, clusterIP: '10.0.0.1' }, none)).toThrow('provided IP is already allocated');
  expect(service({ ports }, none)).toThrow('range is full');
  expect(service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] }, some)).toThrow(
    'spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated',
  );
  expect(service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }, some)).toThrow(
    'provided port is not in the valid range. The range of valid ports is 30000-32767',
  );
});

test('an Event is one object in two versions', () => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod' },
    message: 'm',
    count: 2,
    reportingComponent: 'c',
    // Empty, it is written in this version only.
    reportingInstance: '',
    series: { count: 3 },
  };
  const other = convertEvent(event, 'events.k8s.io/v1');
  expect(other).toEqual({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    regarding: { kind: 'Pod' },
    note: 'm',
    deprecatedCount: 2,
    reportingController: 'c',
    series: { count: 3 },
  });
  expect(convertEvent(other, 'v1')).toEqual(event);
});

test('a Service warns of what it does not use', () => {
  const warnings = (spec: object): readonly string[] | undefined => {
    const draft = decode({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
    const strategy = strategyOf('', 'Service');
    strategy.setDefaults(draft);
    return strategy.warnings?.(draft, undefined);
  };
  expect(warnings({ ports: [{ port: 80 }] })).toEqual([]);
  expect(warnings({ externalName: 'a.b', externalIPs: ['192.0.2.1'], trafficDistribution: 'PreferClose' })).toEqual([
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ]);
});

test('who writes an admission policy, or binds one, is told that nothing comes of it', () => {
  const group = 'admissionregistration.k8s.io';
  const kinds = {
    ValidatingAdmissionPolicy: 'what this one would refuse is accepted',
    ValidatingAdmissionPolicyBinding: 'binding one has no effect',
    MutatingAdmissionPolicy: 'what this one would change stays as it is',
    MutatingAdmissionPolicyBinding: 'binding one has no effect',
  };
  for (const [kind, consequence] of Object.entries(kinds)) {
    const draft = (spec: object): Draft => ({ apiVersion: `${group}/v1`, kind, metadata: { name: 'a.b' }, spec });
    const strategy = strategyOf(group, kind);
    const told = [`this server does not evaluate admission policies; ${consequence}`];
    expect(strategy.warnings?.(draft({}), undefined), kind).toEqual(told);
    expect(strategy.warnings?.(draft({ policyName: 'p' }), draft({})), kind).toEqual(told);
    expect(strategy.warnings?.(draft({}), draft({})), kind).toEqual([]);
  }
});

test('who registers an API of a Service is told that requests are not passed on', () => {
  const draft = (spec: object): Draft => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.example.com' },
    spec,
  });
  const strategy = strategyOf('apiregistration.k8s.io', 'APIService');
  const remote = draft({ service: { namespace: 'default', name: 's' } });
  expect(strategy.warnings?.(remote, undefined)).toHaveLength(1);
  expect(strategy.warnings?.(remote, remote)).toEqual([]);
  expect(strategy.warnings?.(draft({}), undefined)).toEqual([]);
});

test('a key of a Secret may have the name of what every object has', () => {
  const outcome = outcomeOf({
    title: 'secret',
    object: JSON.parse(
      '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"__proto__":"a","constructor":"b"}}',
    ) as Case['object'],
  });
  if (!('object' in outcome)) throw new Error(outcome.status.message);
  expect(Object.entries(outcome.object['data'] as object)).toEqual([
    ['__proto__', 'YQ=='],
    ['constructor', 'Yg=='],
  ]);
});

/** An object that throws a TypeError when somebody writes into it. */
function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
