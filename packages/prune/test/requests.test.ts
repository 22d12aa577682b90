import { expect, test } from 'vitest';
import { isSameAnnotation, parseRequests, requestAnnotation } from '@homeostat/prune';
import type { RequestKind } from '@homeostat/prune';

const set = { namespace: 'shop', name: 'web' };
const read = (annotations: Record<string, string>, managedFields: object[] = []) =>
  parseRequests({ annotations, managedFields }, set);

test('what is written is read again, with who asks', () => {
  const asked: readonly (readonly [RequestKind, string])[] = [
    ['confirm', '0123456789ab'],
    ['rollback', 'c0ffee00'.repeat(5)],
    ['suspend', 'true'],
    ['sync-now', '2026-11-25T12:00:00.000Z'],
  ];
  const annotations = asked.map(([request, argument]) =>
    requestAnnotation(set, { request, argument, by: 'alice@laptop, on call' }),
  );
  const { requests, ignored } = read(Object.fromEntries(annotations));
  expect(requests.map(({ request, argument }) => [request, argument])).toEqual(asked);
  expect(new Set(requests.map(({ by }) => by))).toEqual(new Set(['alice@laptop, on call']));
  expect(ignored).toEqual([]);
});

test('suspend and resume are one annotation, so that nobody has to tell which came last', () => {
  const [suspend] = requestAnnotation(set, { request: 'suspend', argument: 'true', by: '' });
  const [resume, value] = requestAnnotation(set, { request: 'resume', argument: 'false', by: '' });
  expect(resume).toBe(suspend);
  expect(isSameAnnotation('suspend', 'resume')).toBe(true);
  expect(isSameAnnotation('suspend', 'confirm')).toBe(false);
  expect(read({ [resume]: value }).requests).toMatchObject([{ request: 'resume', value: 'shop/web:false' }]);
});

test('without a name in it, who asks is the manager that wrote the annotation last', () => {
  const key = 'homeostat.dev/request-suspend';
  const entry = (manager: string, time: string, of = key) => ({
    manager,
    time,
    fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${of}`]: {} } } },
  });
  const entries = [
    entry('kubectl-annotate', '2026-11-25T12:00:01Z'),
    entry('kubectl-edit', '2026-11-25T12:00:00Z'),
    entry('other', '2026-11-25T12:00:02Z', 'example.com/else'),
  ];
  expect(read({ [key]: 'shop/web:true' }, entries).requests).toMatchObject([
    { by: 'kubectl-annotate', at: '2026-11-25T12:00:01Z' },
  ]);
  expect(read({ [key]: 'shop/web:true' }).requests).toMatchObject([{ by: 'somebody' }]);
});

test('a copy at another set asks for nothing, and says so', () => {
  const [key, value] = requestAnnotation(
    { namespace: 'shop', name: 'api' },
    { request: 'suspend', argument: 'true', by: '' },
  );
  expect(read({ [key]: value })).toEqual({
    requests: [],
    ignored: [`the annotation ${key} asks the set shop/api, and stands at another`],
  });
});

test('what means nothing is said to mean nothing', () => {
  const odd = {
    'homeostat.dev/request-suspend': 'shop/web:maybe',
    'homeostat.dev/request-confirm': '',
    'homeostat.dev/request-dance': 'shop/web:1',
    'homeostat.dev/source': '{}',
    'example.com/request-suspend': 'shop/web:true',
  };
  const { requests, ignored } = read(odd);
  expect(requests).toEqual([]);
  expect(ignored).toHaveLength(3);
});

test('why somebody asks stands behind a colon, with or without who asks', () => {
  const commit = 'c0ffee00'.repeat(5);
  const asked = { request: 'rollback', argument: commit } as const;
  const said = (by: string, reason: string) => {
    const { requests } = read(Object.fromEntries([requestAnnotation(set, { ...asked, by, reason })]));
    return requests.map((one) => [one.argument, one.by, one.reason]);
  };
  expect(said('alice@laptop', 'orders fail: see 4711')).toEqual([[commit, 'alice@laptop', 'orders fail: see 4711']]);
  expect(said('alice: on call', '')).toEqual([[commit, 'alice on call', undefined]]);
  expect(said('', 'orders fail')).toEqual([[commit, 'somebody', 'orders fail']]);
  expect(said('', '')).toEqual([[commit, 'somebody', undefined]]);
});

test('an abbreviated commit is no revision to go back to', () => {
  const [key, value] = requestAnnotation(set, { request: 'rollback', argument: 'c0ffee', by: '' });
  expect(read({ [key]: value })).toMatchObject({ requests: [], ignored: [expect.stringContaining('c0ffee')] });
});
