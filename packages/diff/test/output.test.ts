import { equalContent, jsonPatch, ownedValues, remainingChanges, textDiff } from '@homeostat/diff';
import { parseJson, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import fastJsonPatch from 'fast-json-patch';
import { describe, expect, test } from 'vitest';
import { SEED, dice, fixture, withAt } from './fixtures.ts';

const manager = { current: 'homeostat', former: [] };
const map = (data: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata },
  data,
});
const secret = (data: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data });

describe('text', () => {
  test('is a unified diff of YAML with sorted keys, without what only the server says', () => {
    const before = map({ b: '2', a: '1', script: 'line 1\nline 2\n' }, { uid: 'u', resourceVersion: '7' });
    const after = map({ a: '1', b: 'yes', script: 'line 1\nline 3\n' });
    expect(textDiff(before, after, { title: 'ConfigMap demo/c', sides: ['live', 'desired'] })).toBe(
      `--- live ConfigMap demo/c
+++ desired ConfigMap demo/c
@@ -1,10 +1,10 @@
 apiVersion: v1
 data:
   a: '1'
-  b: '2'
+  b: 'yes'
   script: |
     line 1
-    line 2
+    line 3
 kind: ConfigMap
 metadata:
   name: c
`,
    );
  });

  test('is nothing when nothing but bookkeeping and order differs', () => {
    expect(textDiff(map({ a: '1', b: '2' }, { uid: 'u', generation: 3 }), map({ b: '2', a: '1' }))).toBe('');
    expect(textDiff(undefined, undefined)).toBe('');
  });

  test('shows what is created and what is deleted whole', () => {
    expect(textDiff(undefined, map({ a: '1' }))).toMatch(
      /^--- \/dev\/null\n\+\+\+ after\n@@ -0,0 \+1,6 @@\n\+apiVersion: v1\n/,
    );
    expect(textDiff(map({ a: '1' }), undefined)).toMatch(
      /^--- before\n\+\+\+ \/dev\/null\n@@ -1,6 \+0,0 @@\n-apiVersion/,
    );
  });

  test('has as much context as is asked for, and colours when they are', () => {
    const [before, after] = [map({ a: '1', b: '2', c: '3' }), map({ a: '1', b: 'x', c: '3' })];
    expect(textDiff(before, after, { context: 0 }).split('\n')).toHaveLength(6);
    expect(textDiff(before, after, { context: 0, color: true })).toBe(
      "\u001B[1m--- before\u001B[0m\n\u001B[1m+++ after\u001B[0m\n\u001B[36m@@ -4,1 +4,1 @@\u001B[0m\n\u001B[31m-  b: '2'\u001B[0m\n\u001B[32m+  b: x\u001B[0m\n",
    );
  });

  test('integers beyond 2^53 keep their digits', () => {
    expect(textDiff(map({}), { ...map({}), big: 9_007_199_254_740_993n, one: 1 })).toMatch(
      /^\+big: 9007199254740993$/m,
    );
  });

  test('two long texts with nothing in common are shown whole, in no time', () => {
    const lines = (prefix: string) =>
      map({ text: Array.from({ length: 20_000 }, (_, i) => `${prefix}${i}`).join('\n') });
    const text = textDiff(lines('a'), lines('b'));
    expect(text).toContain('-    a19999\n');
    expect(text).toContain('+    b0\n');
  });

  test('equal secrets show equal, changed ones changed, and neither its value', () => {
    const text = textDiff(
      secret({ same: 'c2FtZS1zZWNyZXQ=', other: 'b2xkLXNlY3JldA==' }),
      secret({ same: 'c2FtZS1zZWNyZXQ=', other: 'bmV3LXNlY3JldA==' }),
      { context: 9 },
    );
    expect(text).toMatch(/^ {3}same: <redacted [0-9a-f]{8}>$/m);
    expect(text).toMatch(/^- {2}other: <redacted [0-9a-f]{8}>\n\+ {2}other: <redacted [0-9a-f]{8}>$/m);
    expect(textDiff(secret({ a: 'YQ==' }), { ...secret({}), stringData: { a: 'a' } })).toBe('');
    expect(textDiff(map({ a: 'x' }), map({ a: 'y' }), { sensitive: [['data', 'a']] })).toContain('<redacted');
  });

  test(`no secret byte in any text (SEED=${SEED})`, () => {
    const roll = dice(SEED);
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    const value = () => Array.from({ length: 12 + roll(30) }, () => letters[roll(letters.length)]).join('');
    for (let i = 0; i < 200; i++) {
      const [plain, other] = [value(), value()];
      const encoded = Buffer.from(plain).toString('base64');
      const last = {
        'kubectl.kubernetes.io/last-applied-configuration': stringifyJson({
          data: { a: encoded },
          stringData: { a: plain },
        }),
      };
      const before = { ...secret({ a: encoded }), metadata: { name: 's', annotations: last } };
      const after = [
        { ...secret({ a: Buffer.from(other).toString('base64') }), stringData: { b: plain } },
        undefined,
        map({}),
      ][roll(3)];
      const text = textDiff(before, after, { context: 99, color: roll(2) === 0 });
      for (const leak of [plain, encoded, other, Buffer.from(other).toString('base64')])
        expect(text, `round ${i}`).not.toContain(leak);
    }
  });
});

describe('RFC 6902', () => {
  test('turns one value into the other', () => {
    const { desired } = fixture('Deployment', 'web');
    const edited = withAt(withAt(desired, ['spec', 'replicas'], 9), ['metadata', 'labels', 'a/b~c'], 'x');
    const patch = jsonPatch(desired, edited);
    expect(patch).toContainEqual({ op: 'add', path: '/metadata/labels/a~1b~0c', value: 'x' });
    const patched = fastJsonPatch.applyPatch(structuredClone(desired), [...patch] as never).newDocument;
    expect(patched).toEqual(edited);
    expect(jsonPatch(desired, structuredClone(desired))).toEqual([]);
  });

  test('does not take a map for a list, nor anything for nothing', () => {
    expect(jsonPatch([], {})).toEqual([{ op: 'replace', path: '', value: {} }]);
    expect(jsonPatch({ 0: 'a' }, ['a'])).toEqual([{ op: 'replace', path: '', value: ['a'] }]);
    expect(jsonPatch(null, { a: 1 })).toEqual([{ op: 'replace', path: '', value: { a: 1 } }]);
    expect(jsonPatch('a', 'a')).toEqual([]);
    expect(jsonPatch({ a: [] }, { a: {} })).toEqual([{ op: 'replace', path: '/a', value: {} }]);
  });

  test('keys named __proto__ and constructor are data', () => {
    const before = parseJson('{"a":1}');
    const after = parseJson('{"a":1,"__proto__":{"x":1},"constructor":2}');
    expect(jsonPatch(before, after)).toEqual([
      { op: 'add', path: '/__proto__', value: { x: 1 } },
      { op: 'add', path: '/constructor', value: 2 },
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('integers beyond 2^53 keep their digits', () => {
    expect(jsonPatch({ a: {} }, { a: { n: [9_007_199_254_740_993n] } })).toEqual([
      { op: 'add', path: '/a/n', value: [9_007_199_254_740_993n] },
    ]);
    expect(jsonPatch({ n: 9_007_199_254_740_993n }, { n: 9_007_199_254_740_993n })).toEqual([]);
  });
});

describe('content', () => {
  const object = map({ a: '1' }, { uid: 'u', resourceVersion: '1', generation: 1, managedFields: [] });

  test('is the same whatever resourceVersion, generation, managedFields and status say', () => {
    const later = { ...map({ a: '1' }, { uid: 'u', resourceVersion: '2' }), status: { phase: 'Bound' } };
    expect(equalContent(object, later)).toBe(true);
    expect(equalContent(later, object)).toBe(true);
  });

  test.each([
    ['data', withAt(object, ['data', 'a'], '2')],
    ['a label', withAt(object, ['metadata', 'labels'], { a: 'b' })],
    ['a missing part', withAt(object, ['data'], undefined)],
    ['another uid', withAt(object, ['metadata', 'uid'], 'other')],
  ])('%s counts', (_, other) => {
    expect(equalContent(object, other)).toBe(false);
    expect(equalContent(other, object)).toBe(false);
  });
});

describe('what remains and what is ours', () => {
  const { desired, live } = fixture('Deployment', 'typical');

  test('nothing remains of a settled object; a value that admission changed does', () => {
    expect(remainingChanges(desired, live, { manager, before: live })).toEqual([]);
    const mutated = withAt(live, ['spec', 'replicas'], 7);
    expect(remainingChanges(desired, mutated, { manager })).toEqual([
      { path: '.spec.replicas', kind: 'change', desired: 2, live: 7, why: 'overridden' },
    ]);
  });

  test('what only normalization explains does not remain', () => {
    const { desired: limits, live: answer } = fixture('LimitRange', 'limits');
    expect(remainingChanges(limits, answer, { manager })).toEqual([]);
  });

  test('owned values are the values under our set', () => {
    expect(ownedValues(live, manager)).toMatchObject({ spec: { replicas: 2 } });
    expect(ownedValues(withAt(live, ['status'], { anything: 1 }), manager)).toEqual(ownedValues(live, manager));
    expect(ownedValues(live, { current: 'nobody', former: [] })).toBeUndefined();
  });
});
