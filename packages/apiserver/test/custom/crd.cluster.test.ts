import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import type { Draft } from '../../src/draft.ts';
import { ask, comparable, createCrd, inOrder, invalidCrds, resourcesOf } from './support.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

describe('creating CustomResourceDefinitions', () => {
  cluster.test('gives the object of the real server', async ({ plane }) => {
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    for (const { crd } of resourcesOf(group)) {
      const theirs = await ask(plane, 'POST', `${CRDS}?dryRun=All`, crd);
      const ours = createCrd(crd as Draft);
      expect(comparable({ ...ours, warnings: [] })).toEqual(comparable({ ...theirs, warnings: [] }));
      // Ours says besides which rules it will not evaluate.
      const unevaluated = ours.warnings.filter((warning) => warning.includes('does not evaluate CEL rules'));
      expect(ours.warnings).toEqual([...theirs.warnings, ...unevaluated]);
    }
  });

  cluster.test('refuses what the real server refuses, for the same reasons', async ({ plane }) => {
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    const crds = invalidCrds(group);
    const differences: unknown[] = [];
    for (const [index, crd] of crds.entries()) {
      const theirs = comparable(await ask(plane, 'POST', `${CRDS}?dryRun=All`, crd));
      const ours = comparable(createCrd(crd));
      if (inOrder(ours) !== inOrder(theirs)) differences.push({ index, spec: crd['spec'], theirs, ours });
    }
    expect(differences).toEqual([]);
    expect(crds.length).toBeGreaterThan(90);
  });
});
