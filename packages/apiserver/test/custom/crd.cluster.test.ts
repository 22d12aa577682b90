import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { acceptNames, ESTABLISHED } from '../../src/custom/accept-names.ts';
import { hasCondition } from '../../src/custom/custom-resource.ts';
import { mapAt, mapsAt } from '../../src/draft.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { seeded } from './random-object.ts';
import { randomSchema } from './random-schema.ts';
import type { Answer } from './support.ts';
import { ask, comparable, corpus, createCrd, inOrder, invalidCrds, resourcesOf, updateCrd } from './support.ts';

/** Random schemas. */
const ROUNDS = 300;

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

  cluster.test('refuses what the real server refuses, for its reasons', async ({ plane }) => {
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

describe('CustomResourceDefinitions of random schemas', () => {
  cluster.test('are accepted and refused as on the real server', { timeout: 120_000 }, async ({ plane }) => {
    const seed = Number(process.env['SEED'] ?? randomBytes(4).readUInt32LE());
    console.info(`SEED=${String(seed)}`);
    const random = seeded(seed);
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    const [first] = invalidCrds(group);
    const differences: unknown[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const crd = structuredClone(first) as Draft & { spec: { versions: DraftMap[] } };
      crd.metadata['name'] = `things.${group}`;
      const schema = randomSchema(random);
      const [version] = crd.spec.versions;
      Object.assign(version ?? {}, { schema: { openAPIV3Schema: schema } });
      if (random() < 0.3) Object.assign(version ?? {}, { subresources: { status: {} } });
      const theirs = judged(await ask(plane, 'POST', `${CRDS}?dryRun=All`, crd));
      const ours = judged(createCrd(crd));
      if (inOrder(ours) !== inOrder(theirs)) differences.push({ schema: JSON.stringify(schema), theirs, ours });
    }
    expect(differences).toEqual([]);
  });
});

/** Everything but the warnings: ours has more of them. */
function judged(answer: Answer): unknown {
  return comparable({ ...answer, warnings: [] });
}

interface CrdUpdates {
  readonly crd: Draft;
  readonly cases: readonly DraftMap[];
  readonly names: readonly DraftMap[];
}

describe('updating CustomResourceDefinitions', () => {
  cluster.test('gives the object or the refusal of the real server', async ({ plane }) => {
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    const { crd, cases } = corpus('crd-updates.yaml', group) as CrdUpdates;
    const path = `${CRDS}/crates.${group}`;
    try {
      await ask(plane, 'POST', CRDS, crd);
      const live = async (): Promise<Draft> => (await ask(plane, 'GET', path)).body as Draft;
      await expect.poll(async () => hasCondition(await live(), 'Established'), { timeout: 20_000 }).toBe(true);
      const old = await live();
      const differences: unknown[] = [];
      for (const [index, one] of cases.entries()) {
        const next = structuredClone(old);
        Object.assign(next.metadata, one['metadata']);
        Object.assign(next['spec'] as DraftMap, one['spec']);
        if (one['status'] !== undefined) next['status'] = one['status'];
        const theirs = comparable({ ...(await ask(plane, 'PUT', `${path}?dryRun=All`, next)), warnings: [] });
        const ours = comparable({ ...updateCrd(next, old), warnings: [] });
        if (inOrder(ours) !== inOrder(theirs)) differences.push({ index, one, theirs, ours });
      }
      expect(differences).toEqual([]);
    } finally {
      await ask(plane, 'DELETE', path);
    }
  });

  cluster.test('accepts the names that are free', { timeout: 60_000 }, async ({ plane }) => {
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    const { crd, names } = corpus('crd-updates.yaml', group) as CrdUpdates;
    const made: Draft[] = [];
    try {
      for (const wanted of names) {
        const name = `${String(wanted['plural'])}.${group}`;
        const next = structuredClone(crd);
        next.metadata['name'] = name;
        (next['spec'] as DraftMap)['names'] = wanted;
        const theirs = await ask(plane, 'POST', CRDS, next);
        const draft = theirs.body as Draft;
        const ours = acceptNames(draft, made);
        await expect
          .poll(async () => told((await ask(plane, 'GET', `${CRDS}/${name}`)).body as Draft), { timeout: 20_000 })
          .toEqual(toldOf(ours));
        made.push((await ask(plane, 'GET', `${CRDS}/${name}`)).body as Draft);
      }
    } finally {
      for (const wanted of names) await ask(plane, 'DELETE', `${CRDS}/${String(wanted['plural'])}.${group}`);
    }
  });
});

/** What a status says, once everything is done. */
function told(crd: Draft): unknown {
  const status = mapAt(crd, 'status');
  const of = (type: string): unknown => {
    const condition = mapsAt(status, 'conditions').find((one) => one['type'] === type);
    return Object.fromEntries(Object.entries(condition ?? {}).filter(([field]) => field !== 'lastTransitionTime'));
  };
  return {
    acceptedNames: named(mapAt(status, 'acceptedNames')),
    accepted: of('NamesAccepted'),
    established: of('Established'),
  };
}

function toldOf({ acceptedNames, namesAccepted, established }: ReturnType<typeof acceptNames>): unknown {
  const done = namesAccepted.status === 'True' ? ESTABLISHED : established;
  return { acceptedNames: named(acceptedNames), accepted: namesAccepted, established: done };
}

/** Without the names that are none: the real server keeps empty ones where a name was refused. */
function named(names: DraftMap | undefined): unknown {
  return Object.fromEntries(Object.entries(names ?? {}).filter(([, value]) => value !== ''));
}
