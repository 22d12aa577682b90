import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { createApiServer } from '../../src/create-api-server.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { tighten, withResources } from './served.ts';
import { ask, comparable, complete, corpus, inOrder, invalidCrds, resourcesOf } from './support.ts';
import type { Answer } from './support.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

describe('custom resources over HTTP', () => {
  cluster.test('answer as those of the real server', { timeout: 240_000 }, async ({ plane, namespace }) => {
    const adminToken = randomBytes(16).toString('hex');
    await using server = await createApiServer({
      users: [{ name: 'admin', groups: ['system:masters'], token: adminToken }],
    });
    const mine = { server: server.url, adminToken };
    await ask(mine, 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    const both = async (method: string, path: string, body?: unknown): Promise<readonly [Answer, Answer]> => [
      await ask(mine, method, path, body),
      await ask(plane, method, path, body),
    ];
    const differences: unknown[] = [];
    let compared = 0;
    const compare = (what: unknown, [ours, theirs]: readonly [Answer, Answer], warnings = true): void => {
      const [left, right] = [ours, theirs].map((answer) => comparable(warnings ? answer : { ...answer, warnings: [] }));
      compared += 1;
      if (inOrder(left) !== inOrder(right)) differences.push({ what, theirs: right, ours: left });
    };

    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    for (const crd of invalidCrds(group)) {
      // The server has more warnings: one for each rule that it does not evaluate.
      compare(crd, await both('POST', `${CRDS}?dryRun=All`, crd), false);
    }
    await withResources(plane, resourcesOf(group), async () => {
      await withResources(mine, resourcesOf(group), async (resources) => {
        const bodies = corpus('objects.yaml', group) as Readonly<Record<string, readonly DraftMap[]>>;
        for (const resource of resources) {
          for (const body of bodies[resource.names.plural] ?? []) {
            const object = complete(body, resource);
            // Objects of other kinds and versions are compared without a server, in create.cluster.test.ts.
            const version = resource.versions.find((one) => one.storage);
            if (object.apiVersion !== version?.apiVersion || object.kind !== resource.names.kind) continue;
            const scope = resource.namespaced ? `/namespaces/${namespace}` : '';
            const path = `/apis/${group}/${version.name}${scope}/${resource.names.plural}?dryRun=All&fieldValidation=`;
            for (const mode of ['Strict', 'Warn', 'Ignore']) {
              compare({ mode, body }, await both('POST', path + mode, object));
            }
          }
        }
      });
    });
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(500);
  });

  cluster.test('change as those of the real server', { timeout: 240_000 }, async ({ plane, namespace }) => {
    const adminToken = randomBytes(16).toString('hex');
    await using server = await createApiServer({
      users: [{ name: 'admin', groups: ['system:masters'], token: adminToken }],
    });
    const mine = { server: server.url, adminToken };
    await ask(mine, 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    const { crds, tight, cases } = corpus('updates.yaml', group) as {
      readonly crds: readonly DraftMap[];
      readonly tight: DraftMap;
      readonly cases: readonly { readonly status?: boolean; readonly from: unknown; readonly to: unknown }[];
    };
    const definitions = crds.map((crd) => ({ crd, resource: customResourceOf(crd) }));
    const path = `/apis/${group}/v1/namespaces/${namespace}/boxes`;
    const made = { apiVersion: `${group}/v1`, kind: 'Box' };

    /** Every update of the corpus on one of the servers. */
    const run = async (at: typeof mine): Promise<readonly unknown[]> => {
      const answers: unknown[] = [];
      await withResources(at, definitions, async () => {
        for (const [index, { status, from }] of cases.entries()) {
          const metadata = { name: `n${String(index)}` };
          const { body } = await ask(at, 'POST', path, { ...made, metadata, spec: status === true ? {} : from });
          if (status === true)
            await ask(at, 'PUT', `${path}/${metadata.name}/status`, { ...(body as Draft), status: from });
        }
        await tighten(at, `${CRDS}/boxes.${group}`, tight);
        const probe = { ...made, metadata: { name: 'probe' }, spec: { a: 'bad' } };
        await expect
          .poll(async () => (await ask(at, 'POST', `${path}?dryRun=All`, probe)).code, { timeout: 20_000 })
          .toBe(422);
        for (const [index, { status = false, to }] of cases.entries()) {
          const one = `${path}/n${String(index)}`;
          const { body } = await ask(at, 'GET', one);
          const next = { ...(body as Draft), [status ? 'status' : 'spec']: to };
          const put = await ask(at, 'PUT', `${one}${status ? '/status' : ''}?fieldValidation=Warn`, next);
          const { generation } = ((put.body as Draft).metadata ?? {}) as { readonly generation?: number };
          answers.push({ index, answer: comparable(put), generation });
        }
      });
      return answers;
    };
    expect(await run(mine)).toEqual(await run(plane));
  });
});
