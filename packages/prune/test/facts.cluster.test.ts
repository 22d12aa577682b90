/** Rows of facts.md that concern prune, each by its number. */
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import {
  GROUP_KINDS_ANNOTATION,
  MANAGED_ANNOTATION,
  PART_OF_LABEL,
  SET_ID_LABEL,
  TOOLING_ANNOTATION,
  isMember,
  refOf,
  withMembership,
} from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { abandon, announce, selectOrphans } from '@homeostat/prune';
import { cluster } from '../../../test/support/cluster.ts';
import { configMap, joined, managers, memberOf, prune, pruneOf, randomName, read, setIn } from './world.ts';

const facts = {
  complete: true,
  applyFailed: false,
  policy: { prune: true, pruneKinds: [], allowEmpty: true, pruneBudget: { percent: 50, count: 10 } },
  claimed: new Map(),
  applied: new Set<string>(),
};

/** Decides and prunes as a pass does, about whatever carries the label. */
async function pass(client: Client, namespace: string): Promise<readonly string[]> {
  const set = setIn(namespace);
  const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' });
  if (resource === undefined) throw new Error('no ConfigMaps?');
  const found: KubeObject[] = [];
  for await (const { items } of client.list(resource, { labelSelector: `${PART_OF_LABEL}=${set.id}` }))
    found.push(...items);
  const decisions = selectOrphans(
    new Set(),
    found.map((live) => memberOf(live, set)),
    facts,
  );
  const { outcomes } = await prune(client, set, decisions);
  const kept = decisions.flatMap((one) => (one.decision === 'keep' ? [`${one.reason} ${one.member.ref.name}`] : []));
  return [...outcomes.map(({ action, ref }) => `${action} ${ref.name}`), ...kept];
}

describe('row 2: taking an object out of the set is never an apply', () => {
  cluster.test(
    'the data stays, label, annotation and our ownership go, others keep theirs',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      await client.apply({ ...configMap(namespace, 'web'), data: { b: '2' } }, { manager: 'somebody' });
      const live = await joined(client, configMap(namespace, 'web'), set);
      expect(await abandon(client, live, set, managers)).toBe(true);
      const after = await read(client, refOf(live));
      expect(after['data']).toEqual({ a: '1', b: '2' });
      expect(after.metadata.labels?.[PART_OF_LABEL]).toBeUndefined();
      expect(after.metadata.annotations?.[MANAGED_ANNOTATION]).toBeUndefined();
      expect(after.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['somebody']);
    },
  );

  cluster.test('also when nobody else owns anything', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const live = await joined(client, configMap(namespace, 'web'), set);
    await abandon(client, live, set, managers);
    const after = await read(client, refOf(live));
    expect(after['data']).toEqual({ a: '1' });
    expect(after.metadata.managedFields).toBeUndefined();
  });

  cluster.test(
    'an object that changed since it was read is STALE, one that is no member is left alone',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const live = await joined(client, configMap(namespace, 'web'), set);
      await client.patch(refOf(live), { type: 'merge', value: { data: { c: '3' } } });
      await expect(abandon(client, live, set, managers)).rejects.toMatchObject({ code: 'STALE' });
      const { object: foreign } = await client.create(configMap(namespace, 'foreign'));
      expect(await abandon(client, foreign, set, managers)).toBe(false);
    },
  );

  cluster.test('a pass does it too, and reads anew when the object has moved', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const live = await joined(client, configMap(namespace, 'web'), set);
    await client.patch(refOf(live), { type: 'merge', value: { data: { c: '3' } } });
    const { outcomes } = await prune(client, set, [{ decision: 'release', member: memberOf(live, set) }]);
    expect(outcomes).toMatchObject([{ action: 'released' }]);
    expect((await read(client, refOf(live)))['data']).toEqual({ a: '1', c: '3' });
  });
});

describe('row 5: a label proves nothing', () => {
  const lookalikes: readonly (readonly [string, (client: Client, namespace: string) => Promise<void>])[] = [
    [
      'made by hand with our label and annotation',
      async (client, namespace) => {
        await client.create(withMembership(configMap(namespace, 'other'), setIn(namespace)));
      },
    ],
    [
      'a copy of a member',
      async (client, namespace) => {
        const live = await joined(client, configMap(namespace, 'web'), setIn(namespace));
        const { labels = {}, annotations = {} } = live.metadata;
        await client.create(configMap(namespace, 'other', { labels, annotations }));
        await client.delete(refOf(live));
      },
    ],
    [
      'a copy whose managedFields were restored as a backup does',
      async (client, namespace) => {
        const live = await joined(client, configMap(namespace, 'web'), setIn(namespace));
        const { labels = {}, annotations = {}, managedFields = [] } = live.metadata;
        const { object: copy } = await client.create(configMap(namespace, 'other', { labels, annotations }));
        await client.patch(refOf(copy), { type: 'merge', value: { metadata: { managedFields } } });
        await client.delete(refOf(live));
      },
    ],
    [
      'labelled by kubectl',
      async (client, namespace) => {
        await client.create(configMap(namespace, 'other'));
        const labels = { [PART_OF_LABEL]: setIn(namespace).id };
        await client.patch(refOf(configMap(namespace, 'other')), { type: 'merge', value: { metadata: { labels } } });
      },
    ],
  ];
  for (const [what, make] of lookalikes) {
    cluster.test(`${what}: kept, and said so`, async ({ client, namespace }) => {
      await make(client, namespace);
      expect(await pass(client, namespace)).toEqual(['unproven other']);
      await read(client, refOf(configMap(namespace, 'other')));
    });
  }

  cluster.test('an entry of our manager through a subresource proves nothing', async ({ client, namespace, raw }) => {
    const set = setIn(namespace);
    const web = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      },
    };
    await client.create(withMembership(web, set));
    const status = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      status: { conditions: [] },
    };
    await raw(
      'PATCH',
      `/apis/apps/v1/namespaces/${namespace}/deployments/web/status?fieldManager=homeostat&force=true`,
      {
        body: status,
        contentType: 'application/apply-patch+yaml',
      },
    );
    expect(isMember(await read(client, refOf(web)), set, managers)).toBe(false);
  });
});

describe('row 6: a proof that was lost is not guessed', () => {
  cluster.test(
    'a true member whose label was put back by hand, or whose managedFields were cleared, stays',
    async ({ client, namespace, kubectl }) => {
      const set = setIn(namespace);
      await joined(client, configMap(namespace, 'relabelled'), set);
      await kubectl(['label', 'configmap', 'relabelled', '-n', namespace, `${PART_OF_LABEL}=x`, '--overwrite']);
      await kubectl(['label', 'configmap', 'relabelled', '-n', namespace, `${PART_OF_LABEL}=${set.id}`, '--overwrite']);
      const cleared = await joined(client, configMap(namespace, 'cleared'), set);
      await client.patch(refOf(cleared), { type: 'merge', value: { metadata: { managedFields: [{}] } } });
      expect(await pass(client, namespace)).toEqual(['unproven relabelled', 'unproven cleared']);
    },
  );
});

describe('row 7: what a DELETED event carries must not lead to a deletion', () => {
  cluster.test(
    'an object whose label was taken away is read anew, and kept',
    async ({ client, namespace, kubectl }) => {
      const set = setIn(namespace);
      const live = await joined(client, configMap(namespace, 'web'), set);
      // What a watch by label says now: DELETED, with this old object under the new resourceVersion.
      await kubectl(['label', 'configmap', 'web', '-n', namespace, `${PART_OF_LABEL}-`]);
      const { resourceVersion = '' } = (await read(client, refOf(live))).metadata;
      const event = { ...live, metadata: { ...live.metadata, resourceVersion } };
      const { outcomes } = await prune(client, set, [pruneOf(event, set)]);
      expect(outcomes).toMatchObject([{ action: 'kept', reason: 'unproven' }]);
      await read(client, refOf(live));
    },
  );

  cluster.test('an object that another set has taken since is kept, and names it', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const live = await joined(client, configMap(namespace, 'web'), set);
    const other = setIn(namespace, 'other');
    await client.apply(withMembership(configMap(namespace, 'web'), other), { manager: managers.current, force: true });
    const { outcomes } = await prune(client, set, [pruneOf(live, set)]);
    expect(outcomes).toMatchObject([
      { action: 'kept', reason: 'other-set', message: `it is held by ${namespace}/other` },
    ]);
  });
});

describe('row 20: the guarded delete', () => {
  cluster.test(
    'an object that keeps changing is proven anew each time, and deleted as it was read',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const live = await joined(client, configMap(namespace, 'busy'), set);
      const writing = new AbortController();
      const writer = (async () => {
        for (let i = 0; !writing.signal.aborted; i++) {
          await client
            .patch(refOf(live), { type: 'merge', value: { data: { i: String(i) } } })
            .catch(() => writing.abort());
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      const { outcomes } = await prune(client, set, [pruneOf(live, set)]);
      writing.abort();
      await writer;
      expect(outcomes).toMatchObject([{ action: 'pruned' }]);
    },
  );

  cluster.test(
    'one that changes between every look and deletion is stale after ten rounds, never deleted by uid alone',
    async ({ connect, client, namespace }) => {
      const set = setIn(namespace);
      const live = await joined(client, configMap(namespace, 'busy'), set);
      let rounds = 0;
      const racer = await connect();
      // Between the look and the deletion of every round somebody else is faster.
      const raced: Client = Object.assign(Object.create(racer) as Client, {
        delete: async (...args: Parameters<Client['delete']>) => {
          rounds++;
          await client.patch(refOf(live), { type: 'merge', value: { data: { round: String(rounds) } } });
          return racer.delete(...args);
        },
        get: (...args: Parameters<Client['get']>) => racer.get(...args),
      });
      const { outcomes } = await prune(raced, set, [pruneOf(live, set)]);
      expect(outcomes).toMatchObject([{ action: 'failed', code: 'stale' }]);
      expect(rounds).toBe(10);
      await read(client, refOf(live));
    },
  );

  cluster.test(
    'what is gone already is pruned; a stranger under its name is left alone',
    async ({ client, namespace }) => {
      const set = setIn(namespace);
      const gone = await joined(client, configMap(namespace, 'gone'), set);
      const stranger = await joined(client, configMap(namespace, 'stranger'), set);
      await client.delete(refOf(gone));
      await client.delete(refOf(stranger));
      const { object } = await client.create(configMap(namespace, 'stranger'));
      const { outcomes } = await prune(client, set, [pruneOf(gone, set), pruneOf(stranger, set)]);
      expect(outcomes).toMatchObject([{ action: 'pruned' }, { action: 'pruned' }]);
      expect((await read(client, refOf(stranger))).metadata.uid).toBe(object.metadata.uid);
    },
  );
});

describe('row 21: other ApplySet tools keep their hands off', () => {
  // Without it kubectl does not know the flag.
  beforeAll(() => void vi.stubEnv('KUBECTL_APPLYSET', 'true'));
  afterAll(() => void vi.unstubAllEnvs());
  const manifest = (namespace: string) => JSON.stringify(configMap(namespace, 'theirs'));

  cluster.test(
    'kubectl apply --prune --applyset refuses our parent, and changes nothing',
    async ({ client, namespace, kubectl }) => {
      const set = setIn(namespace);
      const hints = { groupKinds: [{ group: '', kind: 'ConfigMap' }], namespaces: [] };
      await announce(
        client,
        set,
        undefined,
        { hints, source: { url: 'https://git.example.com/a.git', path: '' } },
        { manager: managers.current },
      );
      await joined(client, configMap(namespace, 'ours'), set);
      const args = ['apply', '-n', namespace, '--server-side', '--prune', '--applyset', 'configmaps/site', '-f', '-'];
      const { code, stderr } = await kubectl(args, { stdin: manifest(namespace) });
      expect(code).not.toBe(0);
      expect(stderr).toContain('managed by tooling "homeostat" instead of "kubectl"');
      await read(client, refOf(configMap(namespace, 'ours')));
      expect(await client.get(refOf(configMap(namespace, 'theirs')))).toBeUndefined();
    },
  );

  cluster.test('a set of kubectl is refused by us', async ({ client, namespace, kubectl }) => {
    const args = ['apply', '-n', namespace, '--server-side', '--prune', '--applyset', 'configmaps/site', '-f', '-'];
    const annotations = { [TOOLING_ANNOTATION]: 'kubectl/v1.37', [GROUP_KINDS_ANNOTATION]: '' };
    await client.create(configMap(namespace, 'site', { labels: { [SET_ID_LABEL]: setIn(namespace).id }, annotations }));
    const { code, stderr } = await kubectl(args, { stdin: manifest(namespace) });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const announced = announce(
      client,
      setIn(namespace),
      undefined,
      { hints: { groupKinds: [], namespaces: [] }, source: { url: 'u', path: '' } },
      { manager: managers.current },
    );
    await expect(announced).rejects.toMatchObject({
      code: 'FOREIGN_PARENT',
      message: expect.stringContaining('kubectl/') as string,
    });
  });
});

describe('row 24: backends go last', () => {
  cluster.test('a webhook configuration goes before the Service behind it', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const name = randomName('hook');
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hook', namespace },
      spec: { ports: [{ port: 443 }] },
    };
    const webhook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: `${name}.example.com`,
          clientConfig: { service: { name: 'hook', namespace } },
          failurePolicy: 'Ignore',
          namespaceSelector: { matchLabels: { no: 'where' } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    };
    const lives = [await joined(client, service, set), await joined(client, webhook, set)];
    const { outcomes, events } = await prune(
      client,
      set,
      lives.map((live) => pruneOf(live, set)),
    );
    expect(outcomes.map(({ action }) => action)).toEqual(['pruned', 'pruned']);
    const order = events.flatMap((event) => (event.type === 'outcome' ? [event.outcome.ref.kind] : []));
    expect(order).toEqual(['ValidatingWebhookConfiguration', 'Service']);
  });
});

describe('row 25: Endpoints copy the labels of their Service', () => {
  cluster.needs('controllers')('and are not taken for members', async ({ client, namespace }) => {
    const set = setIn(namespace);
    const labelled = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    await joined(client, labelled, set);
    const ref = { group: '', kind: 'Endpoints', namespace, name: 'web' };
    const deadline = Date.now() + 10_000;
    let copy: KubeObject | undefined;
    while (copy === undefined && Date.now() < deadline) copy = await client.get(ref);
    expect(copy?.metadata.labels?.[PART_OF_LABEL]).toBe(set.id);
    expect(isMember(copy as KubeObject, set, managers)).toBe(false);
  });
});
