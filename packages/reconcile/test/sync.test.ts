import { describe, expect, test } from 'vitest';
import { defaultPolicy, defineSync } from '@homeostat/reconcile';
import { parseSync, syncSchema } from '@homeostat/reconcile/schema';

const minimal = { name: 'site', source: { url: 'https://git.example.com/site.git' } };
const at = { where: 'sync.yaml', namespace: 'demo' };

test('what a document does not say is the safe default', () => {
  expect(parseSync(minimal, at)).toEqual({
    sync: defineSync({ name: 'site', namespace: 'demo', path: '' }),
    source: minimal.source,
  });
  expect(defaultPolicy).toMatchObject({ prune: true, allowEmpty: false, adopt: 'unowned', conflicts: 'auto' });
});

test('everything that it says arrives', () => {
  const { sync } = parseSync(
    {
      ...minimal,
      namespace: 'infra',
      path: 'apps',
      include: ['**/*.yaml'],
      exclude: ['test/**'],
      takeOver: true,
      policy: {
        interval: '1h30m',
        poll: '5s',
        drift: 'report',
        pruneBudget: { count: 3 },
        ignore: [{ pointers: ['/spec/replicas'], select: { kind: 'Deployment' } }],
      },
    },
    at,
  );
  expect(sync).toMatchObject({
    namespace: 'infra',
    takeOver: true,
    render: { kind: 'auto', path: 'apps', include: ['**/*.yaml'], exclude: ['test/**'] },
    policy: {
      interval: 5_400_000,
      poll: 5_000,
      drift: 'report',
      pruneBudget: { percent: 50, count: 3 },
      ignore: [{ pointers: ['/spec/replicas'], select: { kind: 'Deployment' } }],
    },
  });
});

describe('what is wrong is named, each key', () => {
  test.each([
    ['no name', { source: minimal.source }, /name/],
    ['no source', { name: 'site' }, /source/],
    ['an unknown key', { ...minimal, prune: false }, /^prune is no key that is known here$/],
    ['an unknown policy', { ...minimal, policy: { pruning: false } }, /^policy\.pruning is no key/],
    [
      'an unknown choice',
      { ...minimal, policy: { adopt: 'some' } },
      /^policy\.adopt must be one of never, unowned, always$/,
    ],
    [
      'an owner that is no tool and no set',
      { ...minimal, policy: { adoptFrom: ['flux', 'fluxcd'] } },
      /^policy\.adoptFrom\.1 must be one of argocd, cli-utils, config-sync, flux, kapp, kubectl, or a set as set\//,
    ],
    ['a duration without a unit', { ...minimal, policy: { poll: '30' } }, /^policy\.poll must be a duration, as 30s/],
    ['a duration as a number', { ...minimal, policy: { poll: 30 } }, /^policy\.poll must be string/],
    ['a name that no ConfigMap can bear', { ...minimal, name: 'My Site' }, /^name does not match pattern/],
    ['no mapping at all', 'site', /^the document must be object/],
  ])('%s', (_title, document, reason) => {
    expect(() => parseSync(document, at)).toThrow(
      expect.objectContaining({
        code: 'SYNC_INVALID',
        message: expect.stringContaining('sync.yaml is not a sync document') as string,
        reasons: [expect.stringMatching(reason) as string],
      }),
    );
  });

  test('all of them at once', () => {
    expect(() => parseSync({ name: 'site', a: 1, b: 2, source: { url: '' } }, at)).toThrow(
      expect.objectContaining({ reasons: expect.objectContaining({ length: 3 }) as unknown }),
    );
  });
});

test('every policy is in the schema, and nothing else', () => {
  const { properties } = syncSchema as { properties: { policy: { properties: Record<string, unknown> } } };
  expect(Object.keys(properties.policy.properties).toSorted()).toEqual(Object.keys(defaultPolicy).toSorted());
});
