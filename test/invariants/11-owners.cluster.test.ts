/**
 * Invariant 11. An object owned by another set or manager is never silently taken: the outcome names the owner. Hand-over between two sets
 * of one process neither deletes nor recreates; between processes it is never deleted once the other set has applied it.
 */
import { expect } from 'vitest';
import { isMember, refOf, setIdentity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { createClaims } from '@homeostat/reconcile';
import type { Policy } from '@homeostat/reconcile';
import { configMap, eventually, inNamespace, scenarioTest as story, told } from '../support/scenario.ts';
import type { FileContent } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import { tap } from './tap.ts';

const managers = { current: 'homeostat', former: [] };

/** An owner, how an object becomes theirs, and the `adoptFrom` by which it is taken from them. */
interface Owner {
  readonly names: RegExp;
  readonly from?: Policy['adoptFrom'][number];
  readonly make: (
    object: KubeObject,
    apply: (manager: string, object: KubeObject) => Promise<KubeObject>,
  ) => Promise<unknown>;
}

const marked = (object: KubeObject, marks: Partial<KubeObject['metadata']>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...marks },
});

const OWNERS: Readonly<Record<string, Owner>> = {
  'a Flux Kustomization': {
    names: /Flux Kustomization flux-system\/apps/,
    from: 'flux',
    make: (object, apply) =>
      apply(
        'kustomize-controller',
        marked(object, {
          labels: {
            'kustomize.toolkit.fluxcd.io/name': 'apps',
            'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
          },
        }),
      ),
  },
  'a Helm release': {
    names: /Helm release .*shop/,
    make: (object, apply) =>
      apply(
        'helm',
        marked(object, {
          labels: { 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'prod' },
        }),
      ),
  },
  'a controller': {
    names: /controller ConfigMap boss/,
    make: async (object, apply) => {
      const { metadata } = await apply('somebody', inNamespace(configMap('boss'), object.metadata.namespace ?? ''));
      const boss = { apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid: metadata.uid ?? '', controller: true };
      return apply('boss-controller', marked(object, { ownerReferences: [boss] }));
    },
  },
};

story(
  `11. what somebody owns is refused with their name, unless the policy names them (SEED=${SEED})`,
  async ({ scenario, client }) => {
    const { shuffle, pick } = draw();
    const policies: readonly Partial<Policy>[] = [
      { adopt: 'never' },
      { adopt: 'unowned' },
      { adopt: 'unowned', adoptFrom: ['argocd'] },
    ];
    for (const [round, title] of shuffle(Object.keys(OWNERS)).entries()) {
      const owner = OWNERS[title]!;
      const world = await scenario({ name: `site-${round}` });
      const name = `owned-${round}`;
      await owner.make(inNamespace(configMap(name, { theirs: '1' }), world.namespace), (manager, object) =>
        world.applyAs(manager, object),
      );
      const before = await world.expectLive(configMap(name, { theirs: '1' }));
      await world.commit({ 'a.yaml': configMap(name, { ours: '1' }) });
      for (const policy of [pick(policies), pick(policies)]) {
        const report = await world.reconcile(policy);
        expect(told(report), title).toEqual([`failed ConfigMap ${name} (conflict)`]);
        expect(report.objects[0]?.message, title).toMatch(owner.names);
        const after = await world.expectLive(configMap(name, { theirs: '1' }));
        expect(after.metadata.resourceVersion, title).toBe(before.metadata.resourceVersion);
      }
      const taken = await world.reconcile(owner.from === undefined ? { adopt: 'always' } : { adoptFrom: [owner.from] });
      expect(told(taken), title).toEqual([`adopted ConfigMap ${name}`]);
      expect(
        [taken.objects[0]?.message, ...taken.findings.map(({ message }) => message)].join(),
        `${title} is named`,
      ).toMatch(owner.names);
      expect((await world.expectLive(configMap(name, { ours: '1' }))).metadata.uid).toBe(before.metadata.uid);
      await client.delete(refOf(inNamespace(configMap(name), world.namespace)));
    }
  },
);

story(
  `11. two sets that share nothing but the cluster never take from each other (SEED=${SEED})`,
  async ({ scenario }) => {
    const { between, pick, shuffle } = draw();
    for (let round = 0; round < 3; round += 1) {
      const names = Array.from({ length: between(2, 6) }, (_, i) => `r${round}-${i}`);
      const worlds = [await scenario({ name: `one-${round}` }), await scenario({ name: `two-${round}` })] as const;
      const owner = new Map<string, number>();
      const uids = new Map<string, string | undefined>();
      const wants: [Set<string>, Set<string>] = [new Set(), new Set()];
      for (let step = 0; step < 5; step += 1) {
        const who = between(0, 1) as 0 | 1;
        const world = worlds[who];
        wants[who] = new Set(shuffle(names).slice(0, between(1, names.length)));
        await world.commit({
          'all.yaml': [
            configMap(`r${round}-rest-${who}`),
            ...[...wants[who]].map((name) => configMap(name, { by: `${who}` })),
          ],
        });
        const process = await world.process({
          policy: { adopt: pick(['never', 'unowned'] as const), pruneBudget: { percent: 100, count: 99 } },
        });
        const calls = tap(process);
        const report = await process.reconcile();
        const about = `SEED=${SEED}, round ${round}, step ${step}: ${JSON.stringify(told(report), undefined, 1)}`;
        let refused = 0;
        for (const name of wants[who]) {
          const has = owner.get(name);
          const line = report.objects.find(({ ref }) => ref.name === name);
          if (has === undefined || has === who) {
            owner.set(name, who);
            expect(line?.action, `${name}: ${about}`).not.toBe('failed');
          } else {
            refused += 1;
            expect(line, `${name}: ${about}`).toMatchObject({ action: 'failed', code: 'conflict' });
            expect(line?.message, about).toContain(`the set ${world.namespace}/${worlds[has]!.sync.name}`);
          }
        }
        // What it had and does not name goes, unless something failed; what the other has never does.
        for (const [name, has] of owner) if (has === who && !wants[who].has(name) && refused === 0) owner.delete(name);
        const deleted = calls.flatMap(({ verb, name, served }) => (verb === 'delete' && served === true ? [name] : []));
        for (const name of deleted) expect(owner.has(name), `${name}: ${about}`).toBe(false);
        for (const name of names) {
          const has = owner.get(name);
          const live = await world.live(configMap(name));
          expect(live?.['data'], `${name}: ${about}`).toEqual(has === undefined ? undefined : { by: `${has}` });
          if (live !== undefined && uids.get(name) !== undefined && !deleted.includes(name))
            expect(live.metadata.uid, `${name}: ${about}`).toBe(uids.get(name));
          uids.set(name, live?.metadata.uid);
        }
      }
    }
  },
);

story(
  `11. an object wanders between sets of one process, and is neither deleted nor made anew (SEED=${SEED})`,
  async ({ scenario, client }) => {
    const { pick, shuffle } = draw();
    const world = await scenario();
    const sets = ['one', 'two', 'three'] as const;
    const files = (at: string): Record<string, FileContent> =>
      Object.fromEntries(
        sets.map((set) => [`${set}/all.yaml`, [configMap(`rest-${set}`), ...(set === at ? [configMap('web')] : [])]]),
      );
    let at: (typeof sets)[number] = 'one';
    await world.commit(files(at));
    const claims = createClaims();
    const processes = await Promise.all(
      sets.map((name) => world.process({ name, render: { kind: 'auto', path: name } }, { claims })),
    );
    const calls = processes.map((process) => tap(process));
    for (const process of processes) await process.reconcile();
    for (const { ports } of processes) ports.live.follow();
    const uid = (await world.expectLive(configMap('web'))).metadata.uid;
    const isAt = async (set: string): Promise<void> => {
      const live = await client.get(refOf(inNamespace(configMap('web'), world.namespace)));
      expect(live?.metadata.uid).toBe(uid);
      expect(isMember(live!, setIdentity(world.namespace, set), managers)).toBe(true);
    };
    for (let move = 0; move < 6; move += 1) {
      at = pick(sets.filter((set) => set !== at));
      await world.commit(files(at));
      const home = at;
      await eventually(async () => {
        for (const process of shuffle(processes)) await process.reconcile();
        await isAt(home);
      });
    }
    expect(calls.flat().filter(({ verb, name }) => verb === 'delete' && name === 'web')).toEqual([]);
  },
);

story(
  '11. between processes the set that lost it deletes it at no time once the other has applied it',
  async ({ scenario }) => {
    for (const [round, moment] of (['before the pass', 'between look and deletion'] as const).entries()) {
      const loser = await scenario({ name: `loser-${round}` });
      const taker = await scenario({
        name: `taker-${round}`,
        policy: { adoptFrom: [`set/${loser.namespace}/loser-${round}`] },
      });
      const name = `web-${round}`;
      await loser.commit({ 'web.yaml': configMap(name), 'rest.yaml': configMap(`rest-${round}`) });
      const process = await loser.process();
      let taken = false;
      const take = async (): Promise<void> => {
        if (taken) return;
        taken = true;
        await taker.commit({ 'web.yaml': configMap(name) });
        expect(told(await taker.reconcile())).toEqual([`adopted ConfigMap ${name}`]);
      };
      const calls = tap(process, { before: ({ verb }) => (verb === 'delete' ? take() : undefined) });
      await process.reconcile();
      const { uid } = (await loser.expectLive(configMap(name))).metadata;
      if (moment === 'before the pass') await take();
      await loser.commit({ 'web.yaml': null });
      await process.reconcile();
      expect(taken, moment).toBe(true);
      expect(
        calls.filter(({ verb, served }) => verb === 'delete' && served === true),
        moment,
      ).toEqual([]);
      const live: KubeObject = await loser.expectLive(configMap(name));
      expect(live.metadata.uid, moment).toBe(uid);
      expect((await taker.reconcile()).counts, moment).toMatchObject({ unchanged: 1 });
    }
  },
);
