import { randomBytes } from 'node:crypto';
import { kubeData } from '@homeostat/kube/data';
import { expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import type { Raw } from '../../../../test/support/cluster.ts';
import type { Draft } from '../../src/draft.ts';
import { createDecoder } from '../../src/decode/decoder.ts';
import type { Status } from '../../src/status.ts';
import { builtinDecode } from './decode.ts';
import { invalidCases } from './invalid.ts';
import { comparable, refusal, replay } from './replay.ts';
import type { Case, Outcome } from './replay.ts';
import { validCases } from './valid.ts';

const AT_ONCE = 8;
const data = kubeData();
const decode = builtinDecode(createDecoder(data), data);

cluster.test('objects are stored as a real server stores them', { timeout: 60_000 }, async ({ raw, namespace }) => {
  const servers = realServer(raw, namespace);
  await forEach(validCases, async (one) => {
    const { real, ours } = await both(one, servers);
    expect.soft('object' in real ? 'accepted' : real.status, `${one.title}: the real server`).toBe('accepted');
    expect.soft('object' in ours ? 'accepted' : ours.status, one.title).toBe('accepted');
    if ('object' in real && 'object' in ours) {
      expect.soft(shown(one, ours.object), one.title).toEqual(shown(one, real.object));
    }
  });
});

cluster.test(
  'objects are refused for the causes a real server names',
  { timeout: 60_000 },
  async ({ raw, namespace }) => {
    const servers = realServer(raw, namespace);
    await forEach(invalidCases, async (one) => {
      const { real, ours } = await both(one, servers);
      expect.soft('status' in real ? 'refused' : real.object, `${one.title}: the real server`).toBe('refused');
      expect.soft('status' in ours ? 'refused' : ours.object, one.title).toBe('refused');
      if ('status' in real && 'status' in ours) {
        expect.soft(refusal(ours.status), one.title).toEqual(refusal(real.status));
      }
    });
  },
);

interface RealServer {
  readonly raw: Raw;
  readonly namespace: string;
  readonly resources: Map<
    string,
    Promise<ReadonlyMap<string, { readonly name: string; readonly namespaced: boolean }>>
  >;
}

function realServer(raw: Raw, namespace: string): RealServer {
  return { raw, namespace, resources: new Map() };
}

async function both(given: Case, server: RealServer): Promise<{ readonly real: Outcome; readonly ours: Outcome }> {
  // Names of many runs side by side must differ.
  const one = JSON.parse(
    JSON.stringify(given)
      .replaceAll('RANDOM', `x${randomBytes(4).toString('hex')}`)
      .replaceAll('NAMESPACE', server.namespace),
  ) as Case;
  const { url, namespaced } = await urlOf(one, server);
  const real = await ask(one, url, server.raw);
  const ours = replay(one, decode, namespaced ? server.namespace : undefined);
  return { real, ours };
}

async function ask(one: Case, url: string, raw: Raw): Promise<Outcome> {
  if (one.update === undefined) return outcome(await raw('POST', `${url}?dryRun=All`, { body: one.object }));
  const created = await raw('POST', url, { body: one.object });
  if (created.status !== 201) return outcome(created);
  const path = `${url}/${encodeURIComponent(String(one.object.metadata['name']))}`;
  try {
    const to = one.endpoint === undefined ? path : `${path}/${one.endpoint}`;
    const options = { body: one.update, contentType: 'application/merge-patch+json' };
    return outcome(await raw('PATCH', `${to}?dryRun=All`, options));
  } finally {
    await raw('PATCH', path, {
      body: { metadata: { finalizers: null } },
      contentType: 'application/merge-patch+json',
    });
    await raw('DELETE', path);
  }
}

function shown(one: Case, object: Draft): unknown {
  const { status, ...rest } = object;
  return comparable(one.controllersWriteStatus === true ? rest : { ...rest, status });
}

function outcome(answer: { readonly status: number; readonly body: unknown }): Outcome {
  return answer.status < 300 ? { object: answer.body as Draft } : { status: answer.body as Status };
}

async function urlOf(one: Case, server: RealServer): Promise<{ readonly url: string; readonly namespaced: boolean }> {
  const { apiVersion, kind } = one.object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  let known = server.resources.get(root);
  if (known === undefined) {
    known = server.raw('GET', root).then(({ body }) => {
      const { resources } = body as { resources: { name: string; kind: string; namespaced: boolean }[] };
      return new Map(resources.filter(({ name }) => !name.includes('/')).map((resource) => [resource.kind, resource]));
    });
    server.resources.set(root, known);
  }
  const resource = (await known).get(kind);
  if (resource === undefined) throw new Error(`${apiVersion} has no ${kind}`);
  const scope = resource.namespaced ? `/namespaces/${server.namespace}` : '';
  return { url: `${root}${scope}/${resource.name}`, namespaced: resource.namespaced };
}

async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
