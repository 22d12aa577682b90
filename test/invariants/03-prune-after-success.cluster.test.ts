/** Invariant 3. Pruning never happens in a pass in which an apply failed, a wave timed out, or the render had an error. */
import { expect } from 'vitest';
import { KubeError } from '@homeostat/kube';
import { annotated, configMap, deployment, scenarioTest as story, told } from '../support/scenario.ts';
import type { FileContent, World } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import { hasty, isWrite, tap } from './tap.ts';
import type { Call } from './tap.ts';

/** One way in which a pass does not succeed. */
interface Trouble {
  readonly files: (world: World, prefix: string) => Readonly<Record<string, FileContent>>;
  /** What the server does to requests for real. */
  readonly before?: (call: Call, stop: AbortController) => void;
  readonly says: string;
}

const bad = (prefix: string): string => `${prefix}-new`;

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'the server refuses an object under dry run': {
    files: (_, prefix) => ({ 'new.yaml': deployment(bad(prefix), { replicas: -1 }) }),
    says: 'apply-failed',
  },
  'the server refuses an object that it had accepted under dry run': {
    files: (_, prefix) => ({ 'new.yaml': configMap(bad(prefix)) }),
    before: (call) => {
      if (isWrite(call) && call.name.endsWith('-new')) throw new KubeError('FORBIDDEN', 'no longer allowed');
    },
    says: 'apply-failed',
  },
  'a wave is not ready in time': {
    files: (_, prefix) => ({
      'new.yaml': deployment(bad(prefix), { replicas: 1 }, { nodeSelector: { 'no-such-node': 'at-all' } }),
      'late.yaml': annotated(configMap(`${prefix}-late`), { 'homeostat.dev/wave': '1' }),
    }),
    says: 'apply-failed',
  },
  'a dependency outside the set is not there in time': {
    files: ({ namespace }, prefix) => ({
      'new.yaml': annotated(configMap(bad(prefix)), {
        'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/nowhere`,
      }),
    }),
    says: 'apply-failed',
  },
  'dependencies go round in a circle': {
    files: ({ namespace }, prefix) => ({
      'new.yaml': [0, 1].map((i) =>
        annotated(configMap(`${prefix}-circle-${i}`), {
          'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/${prefix}-circle-${1 - i}`,
        }),
      ),
    }),
    says: 'apply-failed',
  },
  'a file cannot be parsed': { files: () => ({ 'new.yaml': 'a: [' }), says: 'render-incomplete' },
  'a kustomization cannot be built': {
    files: () => ({ 'kustomization.yaml': 'resources: [missing.yaml]\n' }),
    says: 'render-incomplete',
  },
  'the pass is stopped while it writes': {
    files: (_, prefix) => ({ 'new.yaml': configMap(bad(prefix)) }),
    before: (call, stop) => {
      if (isWrite(call) && call.name.endsWith('-new')) stop.abort();
    },
    says: 'apply-failed',
  },
  'the kinds of the server cannot be learnt': {
    files: (_, prefix) => ({ 'new.yaml': configMap(bad(prefix)) }),
    before: (call) => {
      if (call.verb === 'discovery') throw new KubeError('UNAVAILABLE', 'no answer');
    },
    says: '',
  },
  'members cannot be listed': {
    files: (_, prefix) => ({ 'new.yaml': configMap(bad(prefix)) }),
    before: (call) => {
      if (call.verb === 'list') throw new KubeError('FORBIDDEN', 'not allowed');
    },
    says: '',
  },
};

story(
  `3. whatever a pass fails at, it deletes nothing; the next that succeeds deletes what is to go (SEED=${SEED})`,
  async ({ scenario }) => {
    const { shuffle, between } = draw();
    const titles = Object.keys(TROUBLES);
    for (const [round, title] of shuffle(titles).entries()) {
      const trouble = TROUBLES[title]!;
      const prefix = `r${round}`;
      const world = await scenario({ name: `site-${round}`, policy: { waitTimeout: 150, wait: false } });
      const orphans = Array.from({ length: between(1, 4) }, (_, i) => configMap(`${prefix}-orphan-${i}`));
      await world.commit({ 'stays.yaml': configMap(`${prefix}-stays`), 'orphans.yaml': orphans });
      await world.reconcile();
      const files = trouble.files(world, prefix);
      await world.commit({ ...files, 'orphans.yaml': null });
      const process = await world.process();
      const stop = new AbortController();
      const calls = tap(process, { before: (call) => trouble.before?.(call, stop) }, { clock: hasty });
      const report = await process.reconcile({ signal: stop.signal });
      const about = `${title}: ${JSON.stringify([report.failure, ...told(report)], undefined, 1)}`;
      expect(
        calls.filter(({ verb }) => verb === 'delete'),
        about,
      ).toEqual([]);
      for (const orphan of orphans) await world.expectLive(orphan);
      if (trouble.says !== '') {
        expect(report.state, about).toBe('Failed');
        for (const { metadata } of orphans)
          expect(told(report), about).toContain(`kept ConfigMap ${metadata.name} (${trouble.says})`);
      }
      await world.commit(Object.fromEntries(Object.keys(files).map((path) => [path, null])));
      const mended = await world.reconcile();
      for (const { metadata } of orphans) expect(told(mended), title).toContain(`pruned ConfigMap ${metadata.name}`);
    }
  },
);

story('3. one deletion that fails is no reason to go on past its dependants', async ({ scenario }) => {
  const world = await scenario();
  const on = `/namespaces/${world.namespace}/ConfigMap/base`;
  const objects = [configMap('base'), annotated(configMap('upper'), { 'homeostat.dev/depends-on': on })];
  await world.commit({ 'stays.yaml': configMap('stays'), 'all.yaml': objects });
  await world.reconcile();
  await world.commit({ 'all.yaml': null });
  const process = await world.process();
  tap(process, {
    before({ verb, name }) {
      if (verb === 'delete' && name === 'upper') throw new KubeError('FORBIDDEN', 'not allowed');
    },
  });
  const report = await process.reconcile();
  expect(told(report)).toEqual([
    expect.stringMatching(/^failed ConfigMap upper/),
    'kept ConfigMap base (dependents-remain)',
    'unchanged ConfigMap stays',
  ]);
  for (const object of objects) await world.expectLive(object);
});
