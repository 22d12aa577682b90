import { expect, test } from 'vitest';
import { refKey } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { contentDigest, draft } from '../src/draft.ts';
import type { DraftInput, DraftItem } from '../src/draft.ts';
import { applied, configMap, entryOf, policyWith, wanted } from './live.ts';

function drafted(
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
  more: Partial<DraftInput> = {},
): readonly DraftItem[] {
  const entries = live.map(entryOf);
  return draft({
    wanted: desired.map((object) => wanted(object)),
    view: { members: new Map(entries.map((entry) => [refKey(entry.ref), entry])) },
    policy: policyWith(),
    namespace: 'demo',
    name: 'site',
    verified: new Map(),
    ...more,
  });
}

const annotated = (object: KubeObject, annotations: Record<string, string>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations },
});

test('a member that has every field as desired is unchanged', () => {
  expect(drafted([configMap('a')], [applied(configMap('a'))])).toMatchObject([{ step: 'unchanged' }]);
});

test('a member known to be as desired in this very version is not even read', () => {
  const desired = wanted(configMap('a'));
  const entry = {
    ...entryOf(applied(configMap('a'))),
    object: (): KubeObject => {
      throw new Error('it was read');
    },
  };
  const verified = new Map([[desired.key, { uid: entry.uid, resourceVersion: '7', desired: desired.digest }]]);
  const view = { members: new Map([[desired.key, entry]]) };
  expect(drafted([configMap('a')], [], { view, verified })).toMatchObject([{ step: 'unchanged' }]);

  // Of another version, of another object of that name, or with another wish it is.
  for (const other of [{ resourceVersion: '8' }, { uid: 'another' }, { desired: 'another' }]) {
    const known = new Map([[desired.key, { uid: entry.uid, resourceVersion: '7', desired: desired.digest, ...other }]]);
    expect(() => drafted([configMap('a')], [], { view, verified: known })).toThrow('it was read');
  }
});

test('what is not a member is asked about as a creation: nothing here decides about it', () => {
  expect(drafted([configMap('a')], [])).toMatchObject([{ step: 'ask', item: { action: 'create' }, changes: [] }]);
});

test('a difference is asked about as an update of the object that was seen, with the fields', () => {
  const [item] = drafted([configMap('a', { a: '2', b: '1' })], [applied(configMap('a', { a: '1', c: '1' }))]);
  expect(item).toMatchObject({
    step: 'ask',
    item: { action: 'update', uid: 'uid-a', resourceVersion: '7', force: false },
    changes: [
      { path: '.data.a', kind: 'change', desired: '2', live: '1' },
      { path: '.data.c', kind: 'remove', live: '1' },
      { path: '.data.b', kind: 'add', desired: '1' },
    ],
  });
});

test('a difference that the server once called none is none, until the contents change', () => {
  const desired = wanted(configMap('a', { a: '1000m' }));
  const live = applied(configMap('a', { a: '1' }));
  const known = { uid: 'uid-a', resourceVersion: '6', desired: desired.digest, normalized: contentDigest(live) };
  const verified = new Map([[desired.key, known]]);
  expect(drafted([configMap('a', { a: '1000m' })], [live], { verified })).toMatchObject([{ step: 'unchanged' }]);
  const edited = applied(configMap('a', { a: '2' }));
  expect(drafted([configMap('a', { a: '1000m' })], [edited], { verified })).toMatchObject([{ step: 'ask' }]);
});

test('a member that is being deleted is never unchanged', () => {
  const live = applied(configMap('a'));
  const terminating = { ...live, metadata: { ...live.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(drafted([configMap('a')], [terminating])).toMatchObject([{ step: 'ask', item: { action: 'update' } }]);
});

test('create-only and ignored objects are skipped; create-only is created if it is not there', () => {
  const once = annotated(configMap('once', { a: 'git' }), { 'homeostat.dev/apply': 'create-only' });
  const left = annotated(configMap('left'), { 'homeostat.dev/apply': 'ignore' });
  expect(drafted([once, left], [applied(configMap('once'))])).toMatchObject([
    { step: 'skip', reason: 'ignored' },
    { step: 'skip', reason: 'create-only' },
  ]);
  expect(drafted([once], [])).toMatchObject([{ step: 'ask', item: { action: 'create' } }]);
});

test('ignored fields are compared by nobody and sent by nobody', () => {
  const policy = policyWith({ ignore: [{ pointers: ['/data/a'] }] });
  const desired = wanted(configMap('a', { a: 'git', b: '1' }), policy);
  expect(desired.object['data']).toEqual({ b: '1' });
  const live = applied(configMap('a', { b: '1' }));
  const edited = { ...live, data: { a: 'edited', b: '1' } };
  const view = { members: new Map([[desired.key, entryOf(edited)]]) };
  expect(
    draft({ wanted: [desired], view, policy, namespace: 'demo', name: 'site', verified: new Map() }),
  ).toMatchObject([{ step: 'unchanged' }]);
});

test('the order is that of application, whatever the order of the input', () => {
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } };
  const objects = [configMap('b'), namespace, configMap('a')];
  const names = (items: readonly DraftItem[]): string[] => items.map(({ prepared }) => prepared.ref.name);
  expect(names(drafted(objects, []))).toEqual(['demo', 'a', 'b']);
  expect(names(drafted(objects.toReversed(), []))).toEqual(['demo', 'a', 'b']);
});
