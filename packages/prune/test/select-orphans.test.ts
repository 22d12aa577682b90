import { expect, test } from 'vitest';
import { consentTo, heldOf, selectOrphans } from '@homeostat/prune';
import type { KeepReason, Member, OrphanDecision, PruneFacts } from '@homeostat/prune';
import { compareForApply, printRef, refKey, refOf } from '@homeostat/kube';
import type { KubeObject, RefKey } from '@homeostat/kube';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Fields {
  readonly apiVersion?: string;
  readonly metadata?: object;
  readonly spec?: unknown;
}

function object(kind: string, name: string, { apiVersion = 'v1', metadata = {}, ...fields }: Fields = {}): KubeObject {
  const namespace = kind === 'Namespace' || kind === 'CustomResourceDefinition' ? {} : { namespace: 'demo' };
  return { apiVersion, kind, ...fields, metadata: { name, ...namespace, uid: `uid-${name}`, ...metadata } };
}

function member(live: KubeObject, proven = true): Member {
  return { ref: refOf(live), uid: live.metadata.uid ?? '', proven, object: () => live };
}

type Change = Omit<Partial<PruneFacts>, 'policy'> & { readonly policy?: Partial<PruneFacts['policy']> };

function facts(change: Change = {}): PruneFacts {
  return {
    complete: true,
    applyFailed: false,
    claimed: new Map(),
    applied: new Set(),
    ...change,
    policy: {
      prune: true,
      pruneKinds: [],
      allowEmpty: true,
      pruneBudget: { percent: 50, count: 10 },
      ...change.policy,
    },
  };
}

const desired = new Set([refKey(refOf(object('ConfigMap', 'desired')))]);

/** What becomes of one orphan beside a desired object. */
function fate(orphan: Member, change: Change = {}): string {
  const [decision] = selectOrphans(desired, [member(object('ConfigMap', 'desired')), orphan], facts(change));
  return decision === undefined ? 'none' : said(decision);
}

function said(one: OrphanDecision): string {
  return one.decision === 'keep' ? one.reason : one.decision;
}

const plain = object('ConfigMap', 'old');
const noted = (annotations: Record<string, string>) => object('ConfigMap', 'old', { metadata: { annotations } });
const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true };
const namespaces = { policy: { pruneKinds: ['Namespace'] } };

test('a proven member that is not desired goes; a desired one is not even judged', () => {
  expect(fate(member(plain))).toBe('prune');
  expect(fate(member(object('ConfigMap', 'desired')))).toBe('none');
});

test.each<[KeepReason, string, Member, Change]>([
  ['unproven', 'carries the label only', member(plain, false), {}],
  ['prune-off', 'the policy prunes nothing', member(plain), { policy: { prune: false } }],
  ['render-incomplete', 'absence proves nothing', member(plain), { complete: false }],
  ['apply-failed', 'its replacement may be the one that failed', member(plain), { applyFailed: true }],
  ['annotated', 'ours', member(noted({ 'homeostat.dev/prune': 'false' })), {}],
  ['annotated', 'of Flux', member(noted({ 'kustomize.toolkit.fluxcd.io/prune': 'Disabled' })), {}],
  ['annotated', 'of Argo CD', member(noted({ 'argocd.argoproj.io/sync-options': 'Prune=false' })), {}],
  ['annotated', 'of Helm', member(noted({ 'helm.sh/resource-policy': 'keep' })), {}],
  ['annotated', 'ours, unreadable: the safe side', member(noted({ 'homeostat.dev/prune': 'no' })), {}],
  ['protected-namespace', 'whatever the policy names', member(object('Namespace', 'kube-system')), namespaces],
  ['protected-namespace', 'the default one', member(object('Namespace', 'default')), namespaces],
  ['protected-kind', 'a Namespace', member(object('Namespace', 'other')), {}],
  ['protected-kind', 'a claim', member(object('PersistentVolumeClaim', 'data')), {}],
  [
    'protected-kind',
    'a definition',
    member(object('CustomResourceDefinition', 'w', { apiVersion: 'apiextensions.k8s.io/v1' })),
    {},
  ],
  ['namespace-in-use', 'a desired object lives in it', member(object('Namespace', 'demo')), namespaces],
  [
    'claimed',
    'another sync desires it',
    member(plain),
    { claimed: new Map([[refKey(refOf(plain)), 'the set demo/b']]) },
  ],
  ['protected-kind', 'a volume', member(object('PersistentVolume', 'disk')), {}],
  [
    'applied-elsewhere',
    'its annotation names the other group by now',
    member(plain, false),
    { applied: new Set(['uid-old']) },
  ],
  ['claim-unknown', 'another sync may desire it', member(plain), { awaited: 'the set demo/b' }],
  [
    'controlled',
    'a controller would make it anew',
    member(object('ConfigMap', 'old', { metadata: { ownerReferences: [owner] } })),
    {},
  ],
  ['applied-elsewhere', 'the same object under another group', member(plain), { applied: new Set(['uid-old']) }],
])('%s: %s', (reason, _what, orphan, change) => {
  expect(fate(orphan, change)).toBe(reason);
});

test('guards are asked in order: the first that holds gives the reason', () => {
  const all = object('ConfigMap', 'old', {
    metadata: { annotations: { 'homeostat.dev/prune': 'false' }, ownerReferences: [owner] },
  });
  const everything = {
    complete: false,
    applyFailed: true,
    claimed: new Map([[refKey(refOf(all)), 'the set demo/b']]),
    applied: new Set(['uid-old']),
  };
  expect(fate(member(all, false), { ...everything, applied: new Set<string>() })).toBe('unproven');
  expect(fate(member(all), everything)).toBe('render-incomplete');
  expect(fate(member(all), { ...everything, complete: true })).toBe('apply-failed');
  expect(fate(member(all), { ...everything, complete: true, applyFailed: false })).toBe('annotated');
  const bare = object('ConfigMap', 'old', { metadata: { ownerReferences: [owner] } });
  const calm = { ...everything, complete: true, applyFailed: false };
  expect(fate(member(bare), calm)).toBe('claimed');
  const unclaimed = { ...calm, claimed: new Map<RefKey, string>() };
  expect(fate(member(bare), { ...unclaimed, awaited: 'the set demo/c' })).toBe('claim-unknown');
  expect(fate(member(bare), unclaimed)).toBe('controlled');
  expect(fate(member(plain), { ...unclaimed })).toBe('applied-elsewhere');
  const claim = object('PersistentVolumeClaim', 'old', { metadata: { ownerReferences: [owner] } });
  const elsewhere = { ...calm, claimed: new Map([[refKey(refOf(claim)), 'the set demo/b']]) };
  expect(fate(member(claim), elsewhere)).toBe('protected-kind');
  expect(fate(member(claim), { ...elsewhere, policy: { pruneKinds: ['PersistentVolumeClaim'] } })).toBe('claimed');
});

test.each([{ 'client.lifecycle.config.k8s.io/deletion': 'detach' }, { 'cli-utils.sigs.k8s.io/on-remove': 'keep' }])(
  '%o sets it free',
  (annotations) => {
    expect(fate(member(noted(annotations)))).toBe('release');
    expect(fate(member(noted(annotations)), { applyFailed: true })).toBe('apply-failed');
    expect(fate(member(noted(annotations)), { awaited: 'the set demo/b' })).toBe('claim-unknown');
  },
);

test('"detach" takes it out of the set and leaves it in the cluster, never from an incomplete render', () => {
  const detached = member(noted({ 'client.lifecycle.config.k8s.io/deletion': 'detach' }));
  expect(fate(detached)).toBe('release');
  expect(fate(detached, { complete: false })).toBe('render-incomplete');
});

test('a Namespace stays as long as something in it stays, and says what', () => {
  const home = object('Namespace', 'home');
  const inside = (annotations: Record<string, string>) =>
    member({ ...object('ConfigMap', 'inside', { metadata: { annotations, namespace: 'home' } }) });
  const decide = (annotations: Record<string, string>) =>
    selectOrphans(desired, [member(home), inside(annotations)], facts(namespaces));
  expect(decide({}).map(said)).toEqual(['prune', 'prune']);
  expect(decide({ 'homeostat.dev/prune': 'false' })).toMatchObject([
    { decision: 'keep', reason: 'annotated' },
    { decision: 'keep', reason: 'namespace-in-use', detail: 'ConfigMap home/inside' },
  ]);
  expect(decide({ 'client.lifecycle.config.k8s.io/deletion': 'detach' }).map(said)).toEqual([
    'release',
    'namespace-in-use',
  ]);
});

test('a definition stays as long as an object of its kind is desired or stays', () => {
  const definition = object('CustomResourceDefinition', 'widgets.example.com', {
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: { group: 'example.com', names: { kind: 'Widget' } },
  });
  const widget = object('Widget', 'w', { apiVersion: 'example.com/v1' });
  const allowed = facts({ policy: { pruneKinds: ['CustomResourceDefinition.apiextensions.k8s.io'] } });
  expect(selectOrphans(desired, [member(definition), member(widget)], allowed).map(said)).toEqual(['prune', 'prune']);
  expect(selectOrphans(new Set([refKey(refOf(widget))]), [member(definition), member(widget)], allowed)).toMatchObject([
    { reason: 'definition-in-use', detail: 'example.com/Widget demo/w' },
  ]);
});

const many = (count: number) => Array.from({ length: count }, (_, i) => member(object('ConfigMap', `old-${i}`)));

test('nothing desired at all: held, unless that is allowed', () => {
  const decide = (allowEmpty: boolean) =>
    selectOrphans(new Set(), many(3), facts({ policy: { allowEmpty } })).map(said);
  expect(decide(false)).toEqual(['empty-set', 'empty-set', 'empty-set']);
  expect(decide(true)).toEqual(['prune', 'prune', 'prune']);
});

test('more than half of the members and more than ten: held; consent to an empty set does not lift that', () => {
  const members = [member(object('ConfigMap', 'desired')), ...many(11)];
  const counts = (list: readonly Member[], change: Change = {}) =>
    Object.groupBy(selectOrphans(desired, list, facts(change)), said);
  expect(Object.keys(counts(members))).toEqual(['over-budget']);
  expect(Object.keys(counts(members, { policy: { allowEmpty: true } }))).toEqual(['over-budget']);
  expect(Object.keys(counts(members.slice(0, 11)))).toEqual(['prune']);
  expect(Object.keys(counts(members, { policy: { pruneBudget: { percent: 50, count: 11 } } }))).toEqual(['prune']);
  expect(Object.keys(counts(members, { policy: { pruneBudget: { percent: 100, count: 10 } } }))).toEqual(['prune']);
});

test('what is kept or released does not count against the budget', () => {
  const kept = many(11).map(({ ref }) =>
    member(
      object('ConfigMap', ref.name, {
        metadata: { annotations: { 'client.lifecycle.config.k8s.io/deletion': 'detach' } },
      }),
    ),
  );
  expect(Object.keys(Object.groupBy(selectOrphans(desired, kept, facts()), said))).toEqual(['release']);
});

test('consent counts for exactly the deletions that were shown', () => {
  const held = selectOrphans(new Set(), many(3), facts({ policy: { allowEmpty: false } }));
  const consent = { digest: consentTo(held), objects: [] };
  const again = (members: readonly Member[]) =>
    selectOrphans(new Set(), members, facts({ consent, policy: { allowEmpty: false } })).map(said);
  expect(again(many(3))).toEqual(['prune', 'prune', 'prune']);
  expect(again(many(4))).toEqual(['empty-set', 'empty-set', 'empty-set', 'empty-set']);
  const remade = many(3).map((one, i) => (i === 0 ? { ...one, uid: 'another' } : one));
  expect(again(remade)[0]).toBe('empty-set');
});

test('where it is known what was shown, that may go, also what is left of it, and all else is held again', () => {
  const members = [member(object('ConfigMap', 'desired')), ...many(14)];
  const shown = heldOf(selectOrphans(desired, members.slice(0, 13), facts()))!;
  expect(shown).toMatchObject({ reason: 'over-budget', count: 12 });
  const again = (list: readonly Member[], objects: readonly string[] = shown.objects) =>
    Object.groupBy(selectOrphans(desired, list, facts({ consent: { digest: shown.digest, objects } })), said);
  const { prune, 'over-budget': held } = again(members);
  expect(prune).toHaveLength(12);
  expect(held?.map(({ member: { ref } }) => ref.name)).toEqual(
    members
      .slice(13)
      .map(({ ref }) => ref.name)
      .toReversed(),
  );
  expect(heldOf(held!)?.digest).not.toBe(shown.digest);
  expect(Object.keys(again(members.slice(0, 12)))).toEqual(['prune']);
  // Whoever edits the list changes its digest, and nobody has confirmed that.
  const forged = [...shown.objects, `${refKey(members[13]!.ref)} ${members[13]!.uid}`];
  expect(Object.keys(again(members, forged))).toEqual(['over-budget']);
});

test('a Namespace that was confirmed stays while something in it is held', () => {
  const policy = { allowEmpty: false, pruneKinds: ['Namespace'] };
  const demo = member(object('Namespace', 'demo'));
  const shown = heldOf(selectOrphans(new Set(), [demo, ...many(2)], facts({ policy })))!;
  const decided = selectOrphans(new Set(), [demo, ...many(3)], facts({ policy, consent: shown }));
  expect(decided.map(said).toSorted()).toEqual(['empty-set', 'namespace-in-use', 'prune', 'prune']);
});

test(`total and deterministic: each orphan in exactly one decision, in the reverse order of application (SEED=${SEED})`, () => {
  const random = randomFrom(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const some = (): boolean => random() < 0.3;
  for (let round = 0; round < 500; round++) {
    const members = Array.from({ length: Math.floor(random() * 30) }, (_, i) => {
      const kind = pick(['ConfigMap', 'Secret', 'Namespace', 'Deployment', 'PersistentVolumeClaim']);
      const metadata = {
        ...(some() && {
          annotations: pick([
            { 'homeostat.dev/prune': 'false' },
            { 'client.lifecycle.config.k8s.io/deletion': 'detach' },
            { other: 'x' },
          ]),
        }),
        ...(some() && { ownerReferences: [{ ...owner, controller: some() }] }),
      };
      return member(object(kind, `${pick(['a', 'kube-', 'default'])}${i}`, { metadata }), !some());
    });
    const wanted = new Set(members.filter(some).map(({ ref }) => refKey(ref)));
    const given = facts({
      complete: !some(),
      applyFailed: some(),
      claimed: new Map(members.filter(some).map(({ ref }) => [refKey(ref), 'the set demo/b'])),
      ...(some() && { awaited: 'the set demo/c' }),
      applied: new Set(members.filter(some).map(({ uid }) => uid)),
      policy: {
        prune: !some(),
        allowEmpty: some(),
        pruneKinds: some() ? ['Namespace'] : [],
        pruneBudget: { percent: pick([0, 50, 100]), count: pick([0, 3, 10]) },
      },
    });
    const decisions = selectOrphans(wanted, members, given);
    const keys = decisions.map(({ member: { ref } }) => refKey(ref));
    const orphans = members.map(({ ref }) => ref).filter((ref) => !wanted.has(refKey(ref)));
    expect(keys).toEqual(orphans.toSorted((a, b) => compareForApply(b, a)).map(refKey));
    expect(selectOrphans(wanted, members.toReversed(), given).map(said)).toEqual(decisions.map(said));
    for (const one of decisions) {
      if (one.decision === 'keep') continue;
      expect(one.member.proven, printRef(one.member.ref)).toBe(true);
      expect(given.complete && !given.applyFailed && given.policy.prune).toBe(true);
      expect(given.awaited).toBeUndefined();
      if (one.decision === 'release') continue;
      expect(one.member.ref.name.startsWith('kube-') && one.member.ref.kind === 'Namespace').toBe(false);
      expect(one.member.ref.kind).not.toBe('PersistentVolumeClaim');
      expect(given.claimed.has(refKey(one.member.ref))).toBe(false);
      expect(given.applied.has(one.member.uid)).toBe(false);
    }
    const going = decisions.filter(({ decision }) => decision === 'prune').length;
    if (wanted.size === 0 && !given.policy.allowEmpty) expect(going).toBe(0);
  }
});
