/**
 * Invariant 4. An empty or sharply shrunken desired set needs explicit consent (`allowEmpty`, prune budget). Namespaces, CRDs, PVs and PVCs
 * are pruned only when the policy names them. `kube-*` and `default` namespaces never.
 */
import { expect } from 'vitest';
import { refKey } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { selectOrphans } from '@homeostat/prune';
import type { Member } from '@homeostat/prune';
import { confirmPrunes } from '@homeostat/reconcile';
import {
  configMap,
  definition,
  namespaceObject,
  randomName,
  scenarioTest as story,
  told,
} from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import { tap } from './tap.ts';

const names = (round: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `r${round}-${i}`);
const file = (list: readonly string[]): KubeObject[] => list.map((name) => configMap(name));

story(
  `4. a set that shrinks by more than its budget, or to nothing, is held as a whole until somebody consents (SEED=${SEED})`,
  async ({ scenario, client }) => {
    const { between, pick, chance } = draw();
    for (let round = 0; round < 6; round += 1) {
      // In turn a set that becomes empty, one that shrinks by too much, and whatever may be.
      const shape = (['empty', 'too much', 'any'] as const)[round % 3]!;
      const before = between(shape === 'too much' ? 4 : 1, 12);
      const after = shape === 'empty' ? 0 : shape === 'too much' ? 1 : between(0, before);
      const pruneBudget =
        shape === 'too much'
          ? { percent: pick([0, 25, 50]), count: between(0, 2) }
          : { percent: pick([0, 25, 50, 75, 100]), count: between(0, 6) };
      const world = await scenario({ name: `site-${round}`, policy: { pruneBudget } });
      const all = names(round, before);
      await world.commit({ 'all.yaml': file(all) });
      await world.reconcile();
      await world.commit(after === 0 ? { 'all.yaml': null } : { 'all.yaml': file(all.slice(0, after)) });

      const going = before - after;
      const isEmpty = after === 0;
      const isTooMuch = going > pruneBudget.count && going > (before * pruneBudget.percent) / 100;
      const isHeld = going > 0 && (isEmpty || isTooMuch);
      const process = await world.process();
      const calls = tap(process);
      for (let pass = 0; pass < 2; pass += 1) {
        const report = await process.reconcile();
        const about = `${before} → ${after} with ${JSON.stringify(pruneBudget)}: ${JSON.stringify(told(report))}`;
        expect(report.state, about).toBe(isHeld ? 'Held' : 'Ready');
        const kept = report.orphans.filter(({ action }) => action === 'kept');
        // All or none: half a budget would take the set away in slices.
        expect(kept.length, about).toBe(isHeld ? going : 0);
        for (const { reason } of kept) expect(reason, about).toBe(isEmpty ? 'empty-set' : 'over-budget');
      }
      expect(calls.filter(({ verb }) => verb === 'delete').length).toBe(isHeld ? 0 : going);
      if (!isHeld) continue;
      for (const name of all) await world.expectLive(configMap(name));
      const { held } = await process.reconcile();
      if (isEmpty && chance(0.5)) {
        expect((await world.reconcile({ allowEmpty: true })).counts.pruned).toBe(going);
        continue;
      }
      // Whoever has seen something else has consented to something else.
      await expect(
        confirmPrunes(world.sync, { client }, { digest: `${held!.digest}x`, by: 'alice' }),
      ).rejects.toThrow();
      expect((await world.reconcile()).state).toBe('Held');
      await confirmPrunes(world.sync, { client }, { digest: held!.digest, by: 'alice' });
      expect((await world.reconcile()).counts.pruned, 'and goes when somebody has').toBe(going);
    }
  },
);

story(
  '4. Namespaces, definitions and claims stay until the policy names their kind',
  async ({ scenario, raw, onTestFinished }) => {
    const home = randomName('home');
    const group = `${randomName('g')}.example.com`;
    onTestFinished(async () => {
      await raw('DELETE', `/api/v1/namespaces/${home}`);
      await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
      await raw('DELETE', `/api/v1/persistentvolumes/${home}`);
    });
    const world = await scenario({ policy: { wait: false, pruneBudget: { percent: 100, count: 100 } } });
    const capacity = { storage: '1Gi' };
    const objects: readonly KubeObject[] = [
      namespaceObject(home),
      definition(group),
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: capacity } },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: home },
        spec: { capacity, accessModes: ['ReadWriteOnce'], storageClassName: home, hostPath: { path: '/nowhere' } },
      },
    ];
    await world.commit({ 'stays.yaml': configMap('stays'), 'precious.yaml': objects });
    expect((await world.reconcile()).counts.failed).toBe(0);
    await world.commit({ 'precious.yaml': null });
    const kinds = [
      'CustomResourceDefinition.apiextensions.k8s.io',
      'Namespace',
      'PersistentVolume',
      'PersistentVolumeClaim',
    ];
    // Each consent is for one kind.
    for (let named = 0; named <= kinds.length; named += 1) {
      const process = await world.process({ policy: { pruneKinds: kinds.slice(0, named) } });
      const calls = tap(process);
      const lines = told(await process.reconcile());
      const left = kinds.slice(named).map((kind) => kind.split('.')[0]!);
      for (const kind of left)
        expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^kept ${kind} .* \\(protected-kind\\)$`)));
      const deleted = calls.flatMap(({ verb, kind }) => (verb === 'delete' ? [kind] : []));
      expect(deleted).toEqual(named === 0 ? [] : [kinds[named - 1]!.split('.')[0]]);
    }
  },
);

story(
  `4. no policy at all takes the namespaces kube-* and default away (SEED=${SEED})`,
  async ({ scenario, raw, onTestFinished }) => {
    const { pick, between, chance } = draw();
    for (let round = 0; round < 200; round += 1) {
      const name = pick(['default', 'kube-system', 'kube-public', 'kube-node-lease', `kube-${between(0, 9)}`]);
      const ref = { group: '', kind: 'Namespace', namespace: '', name };
      const uid = `uid-${round}`;
      const member: Member = {
        ref,
        uid,
        proven: true,
        object: () => ({ ...namespaceObject(name), metadata: { name, uid } }),
      };
      const [decision] = selectOrphans(new Set(chance(0.5) ? [refKey({ ...ref, kind: 'Other' })] : []), [member], {
        complete: true,
        applyFailed: false,
        policy: { prune: true, pruneKinds: ['Namespace'], allowEmpty: true, pruneBudget: { percent: 100, count: 100 } },
        claimed: new Map(),
        applied: new Set(),
      });
      expect(decision, name).toMatchObject({ decision: 'keep', reason: 'protected-namespace' });
    }
    const name = randomName('kube-test');
    onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${name}`)));
    const world = await scenario({ policy: { pruneKinds: ['Namespace'], allowEmpty: true } });
    await world.commit({ 'home.yaml': namespaceObject(name) });
    await world.reconcile();
    await world.commit({ 'home.yaml': null });
    expect(told(await world.reconcile())).toEqual([`kept Namespace ${name} (protected-namespace)`]);
    await world.expectLive(namespaceObject(name));
  },
);
