import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { cluster } from '../../../../../test/support/cluster.ts';
import type { Raw } from '../../../../../test/support/cluster.ts';
import type { Draft } from '../../../src/draft.ts';
import { mapAt } from '../../../src/draft.ts';
import { ephemeralContainersStrategy, podStrategy } from '../../../src/kinds/pod/pod-strategy.ts';
import { strategyOf } from '../../../src/kinds/index.ts';
import { invalidObject } from '../../../src/status.ts';
import type { Status } from '../../../src/status.ts';
import type { Case, Outcome } from '../replay.ts';
import { groupKindOf, merged, refusal, replay } from '../replay.ts';
import { objectDecoder } from './decode.ts';
import { invalidWorkloads } from './invalid.ts';
import { named, pod } from './manifests.ts';
import { mutated, randomNumbers } from './mutations.ts';
import { validWorkloads } from './valid.ts';
import { warnedWorkloads } from './warned.ts';

const AT_ONCE = 8;
const RESOURCES: Readonly<Record<string, string>> = {
  Pod: 'pods',
  PodTemplate: 'podtemplates',
  ReplicationController: 'replicationcontrollers',
  ControllerRevision: 'controllerrevisions',
  DaemonSet: 'daemonsets',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  CronJob: 'cronjobs',
  Job: 'jobs',
};

/** Here the real server goes through a map of Go, whose order is another every time. */
const IN_ANY_ORDER: ReadonlySet<string> = new Set([
  'Pod: bad labels and annotations',
  'Pod: bad annotations of its own',
  'Resources: of unknown kinds',
  'Resources: more requested than allowed',
  'Affinity: bad selectors of pods',
  'Deployment: bad labels of its Pods',
]);

/** Left out where values are changed at random: what the real server says then is not always the same, or nothing. */
const UNCERTAIN: ReadonlySet<string> = new Set([
  // It fails over a policy for success without completions.
  'Job: indexed',
  // It numbers the volumes of claims in the order of a map.
  'StatefulSet: claims',
]);

const decode = objectDecoder();

cluster.test('workloads are stored as a real server stores them', { timeout: 60_000 }, async ({ raw, namespace }) => {
  await forEach(validWorkloads, async (given) => {
    const { one, real, ours } = await both(given, raw, namespace);
    expect.soft('object' in real ? 'accepted' : real.status, `${one.title}: the real server`).toBe('accepted');
    expect.soft('object' in ours ? 'accepted' : ours.status, one.title).toBe('accepted');
    if ('object' in real && 'object' in ours) {
      expect.soft(comparable(one, ours.object), one.title).toEqual(comparable(one, real.object));
    }
  });
});

cluster.test(
  'workloads are refused for the causes a real server names',
  { timeout: 60_000 },
  async ({ raw, namespace }) => {
    await forEach(invalidWorkloads, async (given) => {
      const { one, real, ours } = await both(given, raw, namespace);
      expect.soft('status' in real ? 'refused' : real.object, `${one.title}: the real server`).toBe('refused');
      expect.soft('status' in ours ? 'refused' : ours.object, one.title).toBe('refused');
      if ('status' in real && 'status' in ours) {
        expect.soft(withoutChance(refusal(ours.status)), one.title).toEqual(withoutChance(refusal(real.status)));
        if (!IN_ANY_ORDER.has(one.title)) {
          expect.soft(withoutChance(ours.status.message), one.title).toEqual(withoutChance(real.status.message));
        }
      }
    });
  },
);

cluster.test(
  'workloads with a part changed at random are treated as by a real server',
  { timeout: 60_000 },
  async ({ raw, namespace }) => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
    const below = randomNumbers(seed);
    const known = validWorkloads.filter(({ title, update }) => update === undefined && !UNCERTAIN.has(title));
    const first = { title: 'Pod', object: pod() };
    const changed = Array.from({ length: 400 }, () => mutated(known[below(known.length)] ?? first, below));
    await forEach(changed, async (given) => {
      const one = named(given, `x${randomBytes(4).toString('hex')}`, namespace);
      const real = await ask(one, raw, namespace);
      // What admission and decoding refuse is not the strategies' business.
      if ('status' in real && real.status.code !== 422) return;
      const ours = replay(one, decode, namespace);
      const title = `${one.title}, SEED=${String(seed)}`;
      const treated = (result: Outcome): unknown =>
        'object' in result ? comparable(one, result.object) : withoutChance(refusal(result.status));
      expect.soft(emptyAsNull(treated(ours)), title).toEqual(emptyAsNull(treated(real)));
    });
  },
);

/** Messages show an empty map or list as such, where the decoder has dropped it. */
function emptyAsNull(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/Invalid value: (\{\}|\[\])/g, 'Invalid value: null')) as unknown;
}

cluster.test('workloads are warned about as by a real server', async ({ kubectl, namespace }) => {
  const objects = warnedWorkloads.map(
    (object, index) => named({ title: object.kind, object }, `x${String(index)}`, namespace).object,
  );
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { code, stderr } = await kubectl(['create', '-n', namespace, '--dry-run=server', '-f', '-'], { stdin: list });
  const real = stderr.split('\n').filter((line) => line !== '');
  const ours = objects.flatMap((object) => {
    const [group, kind] = groupKindOf(object);
    const stored = replay({ title: kind, object }, decode, namespace);
    if (!('object' in stored)) throw new Error(stored.status.message);
    return strategyOf(group, kind).warnings?.(stored.object, undefined) ?? [];
  });
  expect(code).toBe(0);
  // kubectl shows each text once.
  expect([...new Set(ours.map((text) => `Warning: ${text}`))].toSorted()).toEqual(real.toSorted());
});

cluster.test('containers are added to a Pod as on a real server', async ({ raw, namespace }) => {
  const object = { ...pod(), metadata: { name: 'debugged' } };
  const url = `/api/v1/namespaces/${namespace}/pods`;
  const contentType = 'application/merge-patch+json';
  await raw('POST', url, { body: object });
  const stored = replay({ title: 'Pod', object }, decode, namespace);
  if (!('object' in stored)) throw new Error(stored.status.message);
  let live = stored.object;
  for (const { added, dryRun } of ADDED) {
    const body = { metadata: { labels: { a: 'b' } }, spec: { hostname: 'x', ephemeralContainers: added } };
    const query = dryRun ? '?dryRun=All' : '';
    const answer = await raw('PATCH', `${url}/debugged/ephemeralcontainers${query}`, { body, contentType });
    const draft = decode(merged(live, body) as Draft);
    podStrategy.setDefaults(draft);
    ephemeralContainersStrategy.prepareUpdate(draft, live);
    const errors = ephemeralContainersStrategy.validateUpdate(draft, live);
    const title = JSON.stringify(added);
    if (answer.status < 300) {
      expect(errors, title).toEqual([]);
      const real = answer.body as Draft;
      expect(comparable({ title, object }, draft)).toEqual(comparable({ title, object }, real));
      live = draft;
    } else {
      const { status } = invalidObject({ group: '', name: 'Pod' }, 'debugged', errors);
      expect(withoutChance(refusal(status)), title).toEqual(withoutChance(refusal(answer.body as Status)));
    }
  }
});

const shell = { name: 'shell', image: 'busybox', targetContainerName: 'c' };
const ADDED = [
  {
    added: [
      { ...shell, targetContainerName: 'x' },
      { name: 'c', image: 'y', ports: [{ containerPort: 80 }] },
    ],
    dryRun: true,
  },
  { added: [shell], dryRun: false },
  { added: [{ ...shell, command: ['<sh>'] }], dryRun: true },
  { added: null, dryRun: true },
  { added: [shell, { name: 'two', image: 'x:1', env: [{ name: 'A', value: 'b' }] }], dryRun: true },
];

async function both(
  given: Case,
  raw: Raw,
  namespace: string,
): Promise<{ readonly one: Case; readonly real: Outcome; readonly ours: Outcome }> {
  // Many cases share a namespace.
  const one = named(given, `x${randomBytes(4).toString('hex')}`, namespace);
  return { one, real: await ask(one, raw, namespace), ours: replay(one, decode, namespace) };
}

async function ask(one: Case, raw: Raw, namespace: string): Promise<Outcome> {
  const { apiVersion, kind } = one.object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const url = `${root}/namespaces/${namespace}/${RESOURCES[kind] ?? ''}`;
  if (one.update === undefined) return outcome(await raw('POST', `${url}?dryRun=All`, { body: one.object }));
  const created = await raw('POST', url, { body: one.object });
  if (created.status !== 201) return outcome(created);
  const path = `${url}/${String(one.object.metadata['name'])}`;
  const endpoint = one.endpoint === undefined ? path : `${path}/${one.endpoint}`;
  const options = { body: one.update, contentType: 'application/merge-patch+json' };
  return outcome(await raw('PATCH', `${endpoint}?dryRun=All`, options));
}

function outcome(answer: { readonly status: number; readonly body: unknown }): Outcome {
  return answer.status < 300 ? { object: answer.body as Draft } : { status: answer.body as Status };
}

const BOOKKEEPING = ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'generation', 'selfLink'];

function comparable(one: Case, object: Draft): unknown {
  const { status, metadata, ...rest } = object;
  const kept = Object.entries(metadata).filter(([field]) => !BOOKKEEPING.includes(field));
  const shown = { ...rest, metadata: Object.fromEntries(kept) };
  if (one.controllersWriteStatus === true) dropRevision(shown.metadata);
  return withoutChance(one.controllersWriteStatus === true ? shown : { ...shown, status });
}

/** Deployments are annotated by their controller. */
function dropRevision(metadata: Record<string, unknown>): void {
  const { 'deployment.kubernetes.io/revision': _revision, ...others } = mapAt(metadata, 'annotations') ?? {};
  if (Object.keys(others).length > 0) metadata['annotations'] = others;
  else delete metadata['annotations'];
}

/** Values without what each server makes up: uids and times. */
function withoutChance(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, '<time>');
  return JSON.parse(text) as unknown;
}

async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
