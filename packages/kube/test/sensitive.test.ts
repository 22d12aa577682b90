import { createRedactor, isRecord, printable, sensitivePaths, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { object } from './objects.ts';
import { property, randomJson } from './property.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const key = new Uint8Array(32).fill(7);

describe('printable', () => {
  test("hides a Secret's values and shows everything else", () => {
    const secret = object(
      'v1 Secret demo/db',
      { type: 'Opaque', immutable: true, data: { password: base64('hunter2') }, stringData: { user: 'admin' } },
      {
        labels: { app: 'db' },
        annotations: { note: 'mine', [LAST_APPLIED]: '{"data":{"password":"aHVudGVyMg=="}}' },
        managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:data': { 'f:password': {} } } }],
      },
    );
    expect(printable(secret)).toEqual({
      ...secret,
      metadata: { ...secret.metadata, annotations: { note: 'mine', [LAST_APPLIED]: '<redacted>' } },
      data: { password: '<redacted>' },
      stringData: { user: '<redacted>' },
    });
  });

  test('gives the same instance when there is nothing to hide', () => {
    const map = object('v1 ConfigMap demo/c', { data: { a: 'b' } }, { annotations: { [LAST_APPLIED]: '{}' } });
    const empty = object('v1 Secret demo/s', { data: null, type: 'Opaque' });
    expect(printable(map)).toBe(map);
    expect(printable(empty)).toBe(empty);
    expect(printable('text')).toBe('text');
    expect(printable(undefined)).toBeUndefined();
  });

  test('hides what a Secret must not have, since somebody may have meant data', () => {
    for (const fields of [
      { stringdata: { a: 'hunter2' } },
      { data: 'hunter2' },
      { data: ['hunter2'] },
      { spec: { deep: { a: 'hunter2' } } },
    ]) {
      expect(stringifyJson(printable(object('v1 Secret demo/s', fields)))).not.toContain('hunter2');
    }
    expect(stringifyJson(printable({ kind: 'Secret', data: { a: 'hunter2' } }))).not.toContain('hunter2');
    expect(stringifyJson(printable(object('core/v1 Secret demo/s', { data: { a: 'hunter2' } })))).not.toContain(
      'hunter2',
    );
  });

  test('leaves a custom kind that is called Secret to whoever configures it', () => {
    const custom = object('vault.example.com/v1 Secret demo/s', { spec: { path: 'kv/db' } });
    expect(printable(custom)).toBe(custom);
    expect(sensitivePaths(custom)).toEqual([]);
  });

  test('looks through lists', () => {
    const data = { password: 'aHVudGVyMg==' };
    const mixed = {
      apiVersion: 'v1',
      kind: 'List',
      items: [object('v1 ConfigMap demo/c', { data }), object('v1 Secret demo/s', { data })],
    };
    expect(printable(mixed).items.map((item) => item['data'])).toEqual([data, { password: '<redacted>' }]);
    const secrets = { apiVersion: 'v1', kind: 'SecretList', items: [{ metadata: { name: 's' }, data }] };
    expect(printable(secrets).items[0]?.data).toEqual({ password: '<redacted>' });
  });

  test('hides configured places, and the copy of them that kubectl keeps', () => {
    const app = object(
      'example.com/v1 App demo/a',
      {
        spec: {
          url: 'x',
          users: [
            { name: 'a', password: 'p1' },
            { name: 'b', password: 'p2' },
          ],
          tokens: { one: 1, two: 2 },
        },
      },
      { annotations: { [LAST_APPLIED]: '{"spec":…p1}' } },
    );
    const paths = [
      ['spec', 'users', '*', 'password'],
      ['spec', 'tokens', '*'],
      ['spec', 'users', 5],
      ['spec', 'none', 'at', 'all'],
    ];
    expect(printable(app, paths)).toEqual({
      ...app,
      metadata: { ...app.metadata, annotations: { [LAST_APPLIED]: '<redacted>' } },
      spec: {
        url: 'x',
        users: [
          { name: 'a', password: '<redacted>' },
          { name: 'b', password: '<redacted>' },
        ],
        tokens: { one: '<redacted>', two: '<redacted>' },
      },
    });
  });

  test('shows under a key whether two secrets are equal, and nothing more', () => {
    const values = (data: Record<string, string>, secretKey: Uint8Array) =>
      Object.values(printable(object('v1 Secret demo/s', { data }), [], secretKey)['data'] as Record<string, string>);
    const [a, b, c] = values({ a: 'b25l', b: 'b25l', c: 'dHdv' }, key);
    expect(a).toMatch(/^<redacted [0-9a-f]{8}>$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    expect(values({ a: 'b25l' }, new Uint8Array(32))[0]).not.toBe(a);
  });

  property('lets no value of a Secret through, whatever it looks like', (random) => {
    const secret = 'S3CR3T';
    const hide = (value: unknown): unknown => {
      if (typeof value === 'string') return secret;
      if (Array.isArray(value)) return value.map(hide);
      return isRecord(value)
        ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hide(item)]))
        : value;
    };
    const fields = Object.fromEntries(
      random.list(4, () => [random.pick(['data', 'stringData', 'Data', 'spec']), hide(randomJson(random))]),
    );
    const shown = printable(object('v1 Secret demo/s', fields), [], key);
    expect(stringifyJson(shown)).not.toContain(secret);
    expect(printable(object('v1 Secret demo/s', fields), [], key)).toEqual(shown);
  });
});

describe('createRedactor', () => {
  const password = 'p@ss wörd/"1"';

  test.each([
    ['plain', password],
    ['in base64', base64(password)],
    ['in base64 without padding', base64(password).replace(/=+$/, '')],
    ['in base64url', Buffer.from(password).toString('base64url')],
    ['URL-encoded', encodeURIComponent(password)],
    ['URL-encoded in lower case', encodeURIComponent(password).replaceAll(/%../g, (escape) => escape.toLowerCase())],
    ['as in a form', new URLSearchParams({ p: password }).toString().slice(2)],
    ['inside JSON', JSON.stringify(password).slice(1, -1)],
  ])('finds a value %s', (_form, written) => {
    const redactor = createRedactor({ key });
    redactor.learn(secretOf(password));
    const text = redactor.text(`cannot reach https://admin:${written}@db: refused`);
    expect(text).toMatch(/^cannot reach https:\/\/admin:<redacted [0-9a-f]{8}>@db: refused$/);
  });

  test('learns from what it prints', () => {
    const redactor = createRedactor({ key });
    expect(redactor.text('hunter2')).toBe('hunter2');
    const { data } = redactor.printable(secretOf('hunter2')) as KubeObject & { data: { value: string } };
    expect(data.value).toMatch(/^<redacted /);
    expect(redactor.text('hunter2')).toMatch(/^<redacted [0-9a-f]{8}>$/);
  });

  test('learns stringData, numbers, configured places, and copies in annotations', () => {
    const redactor = createRedactor({ key });
    redactor.learn(object('v1 Secret demo/s', { stringData: { a: 'from-string-data', pin: 271828 } }));
    redactor.learn(object('example.com/v1 App demo/a', { spec: { token: 'from-a-path' } }), [['spec', 'token']]);
    redactor.learn(
      object('v1 Secret demo/s', {}, { annotations: { [LAST_APPLIED]: stringifyJson(secretOf('from-a-copy')) } }),
    );
    const text = redactor.text('from-string-data 271828 from-a-path from-a-copy');
    expect(text).toMatch(/^(<redacted [0-9a-f]{8}> ?){4}$/);
  });

  test('takes the longest of several, and whatever overlaps as a whole', () => {
    const redactor = createRedactor({ key });
    for (const value of ['abcd', 'abcdefgh', 'ghijkl']) redactor.learn(secretOf(value));
    expect(redactor.text('xabcdefghx')).toMatch(/^x<redacted [0-9a-f]{8}>x$/);
    expect(redactor.text('abcdefghijkl abcd')).toMatch(/^<redacted [0-9a-f]{8}> <redacted [0-9a-f]{8}>$/);
  });

  test('finds single lines of a value that has many, and a value without its last line break', () => {
    const redactor = createRedactor({ key });
    redactor.learn(secretOf('-----BEGIN KEY-----\n  MIIEvQIBADANBg\nab\n-----END KEY-----\n'));
    redactor.learn(secretOf('hunter2\n'));
    expect(redactor.text('line 2: MIIEvQIBADANBg')).toMatch(/^line 2: <redacted [0-9a-f]{8}>$/);
    expect(redactor.text('ab hunter2')).toMatch(/^ab <redacted [0-9a-f]{8}>$/);
  });

  test('leaves values that are too short to tell from anything else', () => {
    const redactor = createRedactor({ key });
    for (const value of ['', 'a', 'abc']) redactor.learn(secretOf(value));
    expect(redactor.text('abc abc')).toBe('abc abc');
  });

  test('shows other digests in every redactor', () => {
    const [one, two] = [createRedactor(), createRedactor()].map((redactor) => redactor.printable(secretOf('hunter2')));
    expect(one).not.toEqual(two);
  });

  property('leaves no secret in a text, wherever and however many there are', (random) => {
    const values = random.list(5, () => random.text('abc%+/ \n"é', 12)).filter((value) => value.length >= 4);
    const redactor = createRedactor({ key });
    for (const value of values) redactor.learn(secretOf(value));
    const forms = values.flatMap((value) => [value, base64(value), encodeURIComponent(value)]);
    const text = random
      .list(6, () => (forms.length > 0 && random.below(2) ? random.pick(forms) : random.text('abc ', 3)))
      .join('');
    const clean = redactor.text(text).replaceAll(/<redacted [0-9a-f]{8}>/g, '\0');
    for (const form of forms) expect(clean).not.toContain(form);
  });
});

function secretOf(value: string): KubeObject {
  return object('v1 Secret demo/s', { data: { value: base64(value) } });
}
