import { kubeData } from '@homeostat/kube/data';
import { describe, expect, test } from 'vitest';
import { builtinTable, scaleTable } from '../../src/table/builtin-table.ts';
import { customTable } from '../../src/table/custom-table.ts';
import { tableOf } from '../../src/table/table.ts';
import type { KindTable, TableOptions } from '../../src/table/table.ts';

type Json = Record<string, unknown>;

const data = kubeData();
const NOW = Date.parse('2026-01-02T00:00:00Z');
const created = '2026-01-01T23:00:00Z';
const options: TableOptions = {
  includeObject: 'None',
  now: NOW,
  isList: true,
  withDefinitions: true,
  listMeta: { resourceVersion: '7' },
};

function kindOf(apiVersion: string, kind: string): KindTable {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const resources = data.groupVersions.find((one) => one.group === group && one.version === version)?.resources;
  const resource = resources?.find((one) => one.kind === kind);
  if (resource === undefined) throw new Error(`${apiVersion} ${kind} is not in the data`);
  return builtinTable({ group, version }, resource);
}

function cells(kind: KindTable, ...objects: readonly Json[]): unknown {
  const named = objects.map((object, i) => ({
    ...object,
    metadata: { name: `o${String(i)}`, creationTimestamp: created, ...(object['metadata'] as Json | undefined) },
  }));
  const { rows } = tableOf(named, kind, options) as { rows: readonly { cells: unknown }[] };
  return rows.map((row) => row.cells);
}

test('every kind that can be listed has as many cells as columns, whatever is missing in its objects', () => {
  for (const { group, version, resources } of data.groupVersions) {
    for (const resource of resources.filter(({ verbs }) => verbs.includes('list'))) {
      const kind = builtinTable({ group, version }, resource);
      // The real server adds an age to IPAddress, for which it has no column.
      const extra = resource.kind === 'IPAddress' ? 1 : 0;
      for (const object of [
        {},
        { metadata: null, spec: [], status: 'x' },
        { spec: { template: {} }, status: { conditions: [null] } },
      ]) {
        expect(kind.cells(object, NOW), resource.kind).toHaveLength(kind.columns.length + extra);
      }
    }
  }
});

test('a bookmark of a watch becomes a row of nothing', () => {
  const { rows } = tableOf([{}], kindOf('v1', 'ConfigMap'), { ...options, withDefinitions: false }) as {
    rows: unknown;
  };
  expect(rows).toEqual([{ cells: ['', 0, '<unknown>'], object: null }]);
});

test('definitions come once, rows carry what was asked for', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { b: 'c' } };
  const kind = kindOf('v1', 'ConfigMap');
  expect(tableOf([object], kind, { ...options, withDefinitions: false })).toMatchObject({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '7' },
    columnDefinitions: null,
  });
  expect(tableOf([object], kind, { ...options, includeObject: 'Metadata', version: 'v1beta1' })).toMatchObject({
    apiVersion: 'meta.k8s.io/v1beta1',
    rows: [{ object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1', metadata: { name: 'a' } } }],
  });
  expect(tableOf([object], kind, { ...options, includeObject: 'Object' })).toMatchObject({ rows: [{ object }] });
});

test('nothing is an empty list, but null where the kind has no printer of its own', () => {
  expect(tableOf([], kindOf('v1', 'ConfigMap'), options)).toMatchObject({ rows: [] });
  expect(tableOf([], kindOf('rbac.authorization.k8s.io/v1', 'Role'), options)).toMatchObject({ rows: null });
});

test('a kind without printer has the time of its creation', () => {
  expect(cells(kindOf('v1', 'LimitRange'), {})).toEqual([['o0', created]]);
});

describe('what only a whole list tells', () => {
  const mark = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const classes = [
    { metadata: { name: 'old', creationTimestamp: '2020-01-01T00:00:00Z', annotations: mark } },
    { metadata: { name: 'b', creationTimestamp: created, annotations: mark } },
    { metadata: { name: 'a', creationTimestamp: created, annotations: mark } },
    { metadata: { name: 'c', creationTimestamp: created } },
  ];

  test('the youngest marked StorageClass is the default, and the first of two by name', () => {
    const kind = kindOf('storage.k8s.io/v1', 'StorageClass');
    const names = (cells(kind, ...classes) as string[][]).map(([name]) => name);
    expect(names).toEqual(['old', 'b', 'a (default)', 'c']);
    const [alone] = (
      tableOf(classes.slice(0, 1), kind, { ...options, isList: false }) as { rows: { cells: string[] }[] }
    ).rows;
    expect(alone?.cells[0]).toBe('old');
  });

  test('FlowSchemas are listed by precedence', () => {
    const schemas = [3, 1, 2].map((matchingPrecedence) => ({ spec: { matchingPrecedence } }));
    const rows = cells(kindOf('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema'), ...schemas) as unknown[][];
    expect(rows.map(([name]) => name)).toEqual(['o1', 'o2', 'o0']);
  });
});

describe('Pods', () => {
  const pod = kindOf('v1', 'Pod');
  const container = (name: string, state: Json, more: Json = {}): Json => ({
    name,
    state,
    ready: false,
    restartCount: 0,
    ...more,
  });
  const told = (status: Json, spec: Json = { containers: [{ name: 'a' }, { name: 'b' }] }): unknown =>
    (cells(pod, { spec, status }) as unknown[][])[0]?.slice(1, 4);

  test('say what their containers do', () => {
    expect(told({ phase: 'Pending' })).toEqual(['0/2', 'Pending', '0']);
    expect(told({ phase: 'Running', containerStatuses: [container('a', { running: {} }, { ready: true })] })).toEqual([
      '1/2',
      'Running',
      '0',
    ]);
    const crashed = container(
      'a',
      { waiting: { reason: 'CrashLoopBackOff' } },
      {
        restartCount: 4,
        lastState: { terminated: { finishedAt: '2026-01-01T23:59:00Z' } },
      },
    );
    expect(told({ phase: 'Running', containerStatuses: [crashed] })).toEqual([
      '0/2',
      'CrashLoopBackOff',
      '4 (60s ago)',
    ]);
    expect(told({ phase: 'Failed', containerStatuses: [container('a', { terminated: { exitCode: 3 } })] })).toEqual([
      '0/2',
      'ExitCode:3',
      '0',
    ]);
  });

  test('that are deleted are Terminating, unless they have ended or their node is lost', () => {
    const deleted = (status: Json) =>
      (cells(pod, { metadata: { deletionTimestamp: created }, status }) as unknown[][])[0]?.[2];
    expect(deleted({ phase: 'Running' })).toBe('Terminating');
    expect(deleted({ phase: 'Failed' })).toBe('Failed');
    expect(deleted({ phase: 'Running', reason: 'NodeLost' })).toBe('Unknown');
  });

  test('that have ended are marked, so that clients can leave them out', () => {
    const objects = [{ status: { phase: 'Succeeded' } }, { status: { phase: 'Running' } }];
    const { rows } = tableOf(objects, pod, options) as { rows: readonly { conditions?: unknown }[] };
    expect(rows[0]?.conditions).toMatchObject([{ type: 'Completed', status: 'True', reason: 'Succeeded' }]);
    expect(rows[1]).not.toHaveProperty('conditions');
  });
});

test('requests to sign certificates, and bundles of certificates', () => {
  const condition = (type: string) => ({ conditions: [{ type, status: 'True' }] });
  const csr = kindOf('certificates.k8s.io/v1', 'CertificateSigningRequest');
  const last = (status: Json) => ((cells(csr, { status }) as unknown[][])[0] ?? []).at(-1);
  expect(last({})).toBe('Pending');
  expect(last({ ...condition('Approved'), certificate: 'x' })).toBe('Approved,Issued');
  expect(last({ conditions: [{ type: 'Failed' }, { type: 'Denied' }] })).toBe('Denied,Failed');
  expect(cells(kindOf('certificates.k8s.io/v1', 'ClusterTrustBundle'), { spec: { signerName: 's' } }, {})).toEqual([
    ['o0', 's'],
    ['o1', '<none>'],
  ]);
  const spec = {
    podName: 'p',
    serviceAccountName: 'a',
    nodeName: 'n',
    signerName: 's',
    unverifiedUserAnnotations: { b: '1', a: '2' },
  };
  expect(
    cells(kindOf('certificates.k8s.io/v1', 'PodCertificateRequest'), { spec, status: condition('Issued') }, {}),
  ).toEqual([
    ['o0', 'p', 'a', 'n', 's', 'Issued', 'a=2,b=1'],
    ['o1', '', '', '', '', 'Pending', '<none>'],
  ]);
});

test('a HorizontalPodAutoscaler of version 1 has its other metrics in annotations, which anybody can write', () => {
  const hpa = kindOf('autoscaling/v1', 'HorizontalPodAutoscaler');
  const annotations = (text: string) => ({ annotations: { 'autoscaling.alpha.kubernetes.io/metrics': text } });
  const metrics = JSON.stringify([{ type: 'Pods', pods: { metricName: 'q', targetAverageValue: '7' } }]);
  const spec = { targetCPUUtilizationPercentage: 80 };
  const targets = (metadata: Json) => (cells(hpa, { metadata, spec }) as unknown[][])[0]?.[2];
  expect(targets(annotations(metrics))).toBe('<unknown>/7, cpu: <unknown>/80%');
  expect(targets(annotations('{'))).toBe('cpu: <unknown>/80%');
  expect(targets(annotations('"x"'))).toBe('cpu: <unknown>/80%');
});

test('a Scale, and the status of an APIService', () => {
  expect(cells(scaleTable(data), { spec: { replicas: 3 }, status: { replicas: 2 } })).toEqual([['o0', 3, 2, '60m']]);
  const available = { conditions: [{ type: 'Available', status: 'False', reason: 'ServiceNotFound' }] };
  const spec = { service: { namespace: 'n', name: 's' } };
  expect(cells(kindOf('apiregistration.k8s.io/v1', 'APIService'), { spec, status: available }, {})).toEqual([
    ['o0', 'n/s', 'False (ServiceNotFound)', '60m'],
    ['o1', 'Local', 'Unknown', '60m'],
  ]);
});

describe('custom resources', () => {
  const column = (type: string, jsonPath: string) => ({
    name: 'C',
    type,
    jsonPath,
    format: '',
    description: '',
    priority: 0,
  });
  const shown = (type: string, value: unknown): unknown =>
    (cells(customTable([column(type, '.spec.value')], data), { spec: { value } }) as unknown[][])[0]?.[1];

  test('without columns have an age', () => {
    const kind = customTable([], data);
    expect(kind.columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['Name string', 'Age date']);
    expect(cells(kind, {})).toEqual([['o0', '60m']]);
  });

  test('text is what Go prints', () => {
    expect(shown('string', 'a')).toBe('a');
    expect(shown('string', 12n)).toBe('12');
    expect(shown('string', 1e-7)).toBe('1e-07');
    expect(shown('string', true)).toBe('true');
    expect(shown('string', null)).toBe('<no value>');
    expect(shown('string', { b: '<', a: [1] })).toBe('{"a":[1],"b":"\\u003c"}');
    expect(shown('string', undefined)).toBeNull();
  });

  test('a value of another type than its column is null', () => {
    expect(shown('integer', 2.7)).toBe(2);
    expect(shown('integer', '2')).toBeNull();
    expect(shown('boolean', 'true')).toBeNull();
    expect(shown('number', 2)).toBe(2);
    expect(shown('date', created)).toBe('60m');
    expect(shown('date', '')).toBe('<unknown>');
    expect(shown('date', 'soon')).toBe('<invalid>');
    expect(shown('date', '2026-02-29T00:00:00Z')).toBe('<invalid>');
  });

  test('a column that cannot be read ends them', () => {
    const kind = customTable([column('string', '.a'), column('string', '.b[x]'), column('string', '.c')], data);
    expect(kind.columns).toHaveLength(2);
  });
});
