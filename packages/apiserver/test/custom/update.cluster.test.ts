import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { tighten, withResources } from './served.ts';
import { ask, comparable, corpus, inOrder, update } from './support.ts';

interface Updates {
  readonly crds: readonly DraftMap[];
  readonly tight: DraftMap;
  readonly cases: readonly { readonly status?: boolean; readonly from: unknown; readonly to: unknown }[];
}

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

describe('updating custom objects', () => {
  cluster.test(
    'lets pass what was wrong and has not changed, as the real server does',
    { timeout: 120_000 },
    async ({ plane, namespace }) => {
      const group = `c${randomBytes(5).toString('hex')}.example.com`;
      const { crds, tight, cases } = corpus('updates.yaml', group) as Updates;
      const [crd] = crds;
      if (crd === undefined) throw new Error('no definition');
      await withResources(plane, [{ crd, resource: customResourceOf(crd) }], async () => {
        const path = `/apis/${group}/v1/namespaces/${namespace}/boxes`;
        const object = (name: string, part: string, value: unknown): Draft => ({
          apiVersion: `${group}/v1`,
          kind: 'Box',
          metadata: { name },
          ...(value !== undefined && { [part]: value }),
        });
        for (const [index, { status, from }] of cases.entries()) {
          const made = await ask(plane, 'POST', path, object(`n${String(index)}`, 'spec', status ? {} : from));
          if (!status) continue;
          await ask(plane, 'PUT', `${path}/n${String(index)}/status`, { ...(made.body as Draft), status: from });
        }

        const { resource } = await tighten(plane, `${CRDS}/boxes.${group}`, tight);
        const refused = (): Promise<{ readonly code: number }> =>
          ask(plane, 'POST', `${path}?dryRun=All`, object('probe', 'spec', { a: 'bad' }));
        await expect.poll(async () => (await refused()).code, { timeout: 20_000 }).toBe(422);

        const differences: unknown[] = [];
        for (const [index, { status = false, from, to }] of cases.entries()) {
          const at = `${path}/n${String(index)}`;
          const { body: old } = await ask(plane, 'GET', at);
          const next = { ...(old as Draft), [status ? 'status' : 'spec']: to };
          const theirs = comparable(
            await ask(plane, 'PUT', `${at}${status ? '/status' : ''}?dryRun=All&fieldValidation=Ignore`, next),
          );
          const ours = comparable(update(next, old as Draft, resource, status ? 'status' : ''));
          if (inOrder(ours) !== inOrder(theirs)) differences.push({ index, from, to, theirs, ours });
        }
        expect(differences).toEqual([]);
      });
    },
  );
});
