import type { Fault, FaultRule } from '@homeostat/apiserver';
import { PART_OF_LABEL, refOf } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import { requestSync, resumeSet, suspendSet } from '@homeostat/reconcile';
import { createLaboratory } from '../../support/laboratory.ts';
import type { Laboratory } from '../../support/laboratory.ts';
import { configMap } from '../../support/objects.ts';
import type { Process } from '../../support/world.ts';
import { createAuditor } from './auditor.ts';
import type { Auditor } from './auditor.ts';
import { dice } from './dice.ts';
import type { Dice } from './dice.ts';
import { createRepository, placed } from './repository.ts';
import type { Repository } from './repository.ts';
import { ADDED, impossible, OWN_NAMESPACE, someObject, whatItNeeds } from './universe.ts';

/** One set, with whatever engine it has at the moment. */
export interface Side {
  readonly name: string;
  readonly repository: Repository;
  process: Process;
  /** Whether its engine holds the Lease. */
  readonly leased: boolean;
}

/** Two sets on one cluster, and what has been done to them. */
export interface Chaos {
  readonly lab: Laboratory;
  readonly dice: Dice;
  readonly auditor: Auditor;
  readonly sides: readonly Side[];
  /** Faults that are in force. */
  readonly faults: Set<Fault>;
  /** What people made by hand and nobody may touch, by uid. */
  readonly strangers: Map<string, Ref>;
  /** The story so far. */
  readonly story: string[];
}

const NAMESPACES = ['demo', 'side'];
const KINDS: readonly Pick<Ref, 'group' | 'kind'>[] = [
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'Secret' },
  { group: '', kind: 'Service' },
  { group: 'apps', kind: 'Deployment' },
];

/** With `verbose` the story tells every request of the engines too. */
export async function beginChaos(seed: number, verbose: boolean): Promise<Chaos> {
  let auditor: Auditor | undefined;
  const story: string[] = [];
  const lab = await createLaboratory({
    seed,
    simulate: 'workloads',
    admit: (request) => auditor?.admit(request),
    tap: (engine) => auditor?.tap(engine) ?? engine,
    onRequest({ userAgent, verb, path, dryRun, status }) {
      if (verbose)
        story.push(`${timeOf(lab)}   ${userAgent}: ${verb} ${path}${dryRun ? ' (dry run)' : ''} → ${String(status)}`);
    },
  });
  const watching = createAuditor(() => lab.clock.now());
  auditor = watching;
  const chance = dice(lab.random);
  for (const name of NAMESPACES) {
    await lab.admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await lab.server.settled();
  const sides: Side[] = [];
  for (const name of ['site', 'other']) {
    const additions = chance.chance(0.3) ? 'remove' : 'ignore';
    // No resync comes to the rescue: what is overlooked stays overlooked.
    const world = await lab.world({ name, policy: { interval: 24 * 3_600_000, additions } });
    const repository = await createRepository(world);
    watching.enrol(name, repository);
    sides.push({ name, repository, process: await world.process(), leased: chance.chance(0.5) });
  }
  const chaos: Chaos = { lab, dice: chance, auditor: watching, sides, faults: new Set(), strangers: new Map(), story };
  for (const side of sides) start(chaos, side);
  return chaos;
}

export function timeOf({ clock }: Laboratory): string {
  return new Date(clock.now()).toISOString().slice(11, 23);
}

function start({ lab }: Chaos, side: Side): void {
  const { process, leased } = side;
  process.loop(leased ? { lease: { holder: `${side.name}/${String(lab.clock.now())}` } } : {});
}

/** One thing more that happens. */
export async function stirUp(chaos: Chaos): Promise<void> {
  const { dice: chance, lab, story, sides } = chaos;
  const what = chance.weighted({
    commit: 12,
    breakFile: 2,
    refuse: 2,
    shrink: 1,
    edit: 5,
    remove: 3,
    unmark: 2,
    add: 2,
    stranger: 3,
    copy: 2,
    terminating: 1,
    upheaval: 1,
    kill: 4,
    fault: 10,
    relief: 5,
    forget: 1,
    jump: 1,
    suspend: 1,
    resume: 2,
    now: 1,
  });
  const side = chance.weighted({ site: 3, other: 1 }) === 'site' ? sides[0]! : sides[1]!;
  const told = (await ACTIONS[what](chaos, side)) ?? 'in vain';
  story.push(`${timeOf(lab)} ${side.name}: ${what}: ${told}`);
}

type Action = (chaos: Chaos, side: Side) => Promise<string | undefined>;

const ACTIONS = {
  async commit({ dice: chance, lab, auditor }, { name, repository }) {
    const changes: Record<string, KubeObject | null> = {};
    const secretOf = (value: string): string => {
      const secret = `sesame-${value}-${String(chance.below(1e9))}`;
      auditor.hide(secret);
      return secret;
    };
    for (let n = 1 + chance.below(4); n > 0; n -= 1) {
      const paths = [...repository.files.keys()].filter((path) => !(path in changes) && path.startsWith('o/'));
      const how = paths.length < 3 ? 'put' : chance.weighted({ put: 5, drop: 3, move: 1 });
      if (how === 'put') {
        const object = someObject(chance, name, `v${String(lab.clock.now() % 1e7)}`, secretOf);
        changes[pathOf(repository, object)] = object;
        Object.assign(changes, whatItNeeds(object));
        continue;
      }
      const path = chance.pick(paths);
      const content = repository.files.get(path);
      changes[path] = null;
      if (how === 'move' && typeof content === 'object') changes[`o/moved-${String(chance.below(1e6))}.yaml`] = content;
    }
    await repository.write(changes);
    return Object.entries(changes)
      .map(([path, content]) => `${content === null ? '-' : '+'}${path}`)
      .join(' ');
  },
  async breakFile({ dice: chance }, { repository }) {
    const path = chance.chance(0.5) ? 'broken.yaml' : chance.pick([...repository.files.keys(), 'broken.yaml']);
    await repository.write({ [path]: 'kind: [not, closed' });
    return path;
  },
  async refuse(_, { name, repository }) {
    await repository.write({ 'impossible.yaml': impossible(name) });
    return 'impossible.yaml';
  },
  async shrink({ dice: chance }, { repository }) {
    const gone = [...repository.files.keys()].filter(() => chance.chance(0.9));
    if (gone.length === 0) return undefined;
    await repository.write(Object.fromEntries(gone.map((path) => [path, null])));
    return `${String(gone.length)} files gone`;
  },
  async edit(chaos) {
    return withMember(chaos, async (object) => {
      const data = object['data'] as Readonly<Record<string, string>> | undefined;
      const edited =
        data !== undefined && object['immutable'] !== true
          ? {
              ...object,
              data: { ...data, [Object.keys(data)[0] ?? 'value']: Buffer.from('edited').toString('base64') },
            }
          : { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, edited: 'yes' } } };
      await chaos.lab.admin.update(edited, { manager: 'kubectl-edit' });
    });
  },
  async remove(chaos) {
    return withMember(chaos, async (object) => void (await chaos.lab.admin.delete(refOf(object))));
  },
  async unmark(chaos) {
    return withMember(chaos, async (object) => {
      const { [PART_OF_LABEL]: _mark, ...labels } = object.metadata.labels ?? {};
      const metadata = chaos.dice.chance(0.5)
        ? { ...object.metadata, labels }
        : { ...object.metadata, managedFields: [{}] };
      await chaos.lab.admin.update({ ...object, metadata }, { manager: 'kubectl-edit' });
    });
  },
  async add(chaos) {
    return withMember(chaos, async (object) => {
      if (object.kind !== 'ConfigMap' || object['immutable'] === true) return;
      const { apiVersion, kind, metadata } = object;
      const { name, namespace = '' } = metadata;
      const addition = { apiVersion, kind, metadata: { name, namespace }, data: { [ADDED]: 'by hand' } };
      await chaos.lab.admin.apply(addition, { manager: 'somebody', force: true });
    });
  },
  /** An object under a name that a set may want one day, or wants already. */
  async stranger({ dice: chance, lab }, { name, repository }) {
    const wanted = placed(
      someObject(chance, name, 'by hand', () => 'by hand'),
      repository.world.namespace,
    );
    if (wanted.apiVersion !== 'v1' || wanted.metadata.namespace === OWN_NAMESPACE || wanted['immutable'] === true)
      return undefined;
    const manager = chance.pick(['kubectl-create', 'kubectl-client-side-apply']);
    const made = await lab.admin.create(wanted, { manager }).catch(() => undefined);
    return made && `${wanted.kind} ${wanted.metadata.name} by ${manager}`;
  },
  /** What looks like a member and is none: a copy of one, label, annotation and all. */
  async copy(chaos) {
    return withMember(chaos, async (object) => {
      const { lab, dice: chance, strangers } = chaos;
      const { labels = {}, annotations = {}, namespace = '' } = object.metadata;
      const metadata = { name: `copy-${String(chance.below(1e6))}`, namespace, labels, annotations };
      const copied = chance.chance(0.5) ? { ...metadata, annotations: {} } : metadata;
      const copy = { ...configMap(metadata.name), metadata: copied };
      const manager = chance.pick(['kubectl-create', 'homeostat']);
      // Where its namespace is on its way out nobody can copy anything.
      const made = await lab.admin.create(copy, { manager }).catch(() => undefined);
      if (made !== undefined) strangers.set(made.object.metadata.uid ?? '', refOf(made.object));
    });
  },
  /** It is deleted and cannot go, as a finalizer holds it. */
  async terminating(chaos) {
    return withMember(chaos, async (object) => {
      const { metadata } = object;
      await chaos.lab.admin.update(
        { ...object, metadata: { ...metadata, finalizers: ['chaos.example.com/hold'] } },
        { manager: 'kubectl-edit' },
      );
      await chaos.lab.admin.delete(refOf(object));
    });
  },
  async upheaval({ lab, dice: chance, strangers }) {
    const ref = chance.pick([
      { group: '', kind: 'Namespace', namespace: '', name: OWN_NAMESPACE },
      {
        group: 'apiextensions.k8s.io',
        kind: 'CustomResourceDefinition',
        namespace: '',
        name: 'widgets.chaos.example.com',
      },
    ]);
    if (!(await lab.admin.delete(ref))) return undefined;
    // It takes along what is in it, whosever it is.
    for (const [uid, { namespace }] of strangers) if (namespace === ref.name) strangers.delete(uid);
    return `${ref.kind} ${ref.name} deleted`;
  },
  async kill(chaos, side) {
    side.process.kill();
    chaos.auditor.hear(side.name, side.process.events);
    side.process = await side.repository.world.process();
    start(chaos, side);
    return 'killed, and started anew';
  },
  async fault({ lab, dice: chance, faults }) {
    const rule = someFault(chance);
    faults.add(lab.outage(rule));
    return JSON.stringify(rule);
  },
  async relief({ dice: chance, faults }) {
    if (faults.size === 0) return undefined;
    const fault = chance.pick([...faults]);
    fault.remove();
    faults.delete(fault);
    return JSON.stringify(fault.rule);
  },
  async forget({ lab }) {
    lab.server.expire();
    return 'the server forgets its history';
  },
  async jump({ dice: chance }, { process }) {
    const ms = chance.pick([-3_600_000, -10_000, 10_000, 3_600_000]);
    process.jump(ms);
    return `its clock is set by ${String(ms)} ms`;
  },
  async suspend({ lab }, { repository: { world } }) {
    await suspendSet(world.sync, { client: lab.admin }).catch(() => undefined);
    return '';
  },
  async resume({ lab }, { repository: { world } }) {
    await resumeSet(world.sync, { client: lab.admin }).catch(() => undefined);
    return '';
  },
  async now({ lab }, { repository: { world } }) {
    const token = String(lab.clock.now());
    await requestSync(world.sync, { client: lab.admin }, { token }).catch(() => undefined);
    return '';
  },
} satisfies Readonly<Record<string, Action>>;

/** Everything that can go wrong between an engine and its server. */
function someFault(chance: Dice): FaultRule {
  const writes = ['apply', 'patch', 'delete', 'update', 'create'] as const;
  const limit = chance.pick([{ times: 1 }, { times: 3 }, { times: 10 }, { probability: 0.3 }, { probability: 0.8 }]);
  const verb = chance.pick([
    {},
    { verb: writes },
    { verb: ['list', 'watch'] },
    { verb: 'apply' },
    { verb: 'delete' },
  ] as const);
  const when = chance.pick(['before', 'after'] as const);
  const what = chance.pick([
    'conflict',
    'gone',
    'throttle',
    'error',
    'unavailable',
    'reset',
    'silence',
    'gap',
    'latency',
    'deny',
  ] as const);
  switch (what) {
    case 'conflict':
      return { fault: 'conflict', ...limit, verb: writes };
    case 'gone':
      return { fault: 'gone', ...limit, verb: ['list', 'watch'] };
    case 'throttle':
      return { fault: 'throttle', retryAfter: 1 + chance.below(20), ...limit, ...verb };
    case 'error':
      return { fault: 'error', when, ...limit, ...verb };
    case 'unavailable':
      return { fault: 'unavailable', retryAfter: 1 + chance.below(5), ...limit, ...verb };
    case 'reset':
      return { fault: 'reset', when, ...limit, ...verb };
    case 'silence':
      return { fault: 'silence', ...limit };
    case 'gap':
      return { fault: 'gap', events: 1 + chance.below(3), ...limit };
    case 'latency':
      return { fault: 'latency', ms: chance.pick([100, 2_000, 20_000]), ...limit, ...verb };
    case 'deny':
      return { fault: 'deny', message: 'not today', ...limit, verb: writes };
    default:
      return what satisfies never;
  }
}

/** An object stays in the file that it is in. */
function pathOf(repository: Repository, object: KubeObject): string {
  const { namespace } = repository.world;
  const { group, kind, name, namespace: home } = refOf(placed(object, namespace));
  for (const [path, content] of repository.files) {
    if (typeof content !== 'object') continue;
    const other = refOf(placed(content, namespace));
    if (other.kind === kind && other.group === group && other.name === name && other.namespace === home) return path;
  }
  return `o/${kind.toLowerCase()}-${home}-${name}.yaml`;
}

/** Does something to an object that carries the mark of one of the sets. */
async function withMember(chaos: Chaos, act: (object: KubeObject) => Promise<void>): Promise<string | undefined> {
  const { lab, dice: chance } = chaos;
  const resources = await lab.admin.resources();
  const resource = resources.find(chance.pick(KINDS));
  const found: KubeObject[] = [];
  if (resource === undefined) return undefined;
  for await (const { items } of lab.admin.list(resource, { labelSelector: PART_OF_LABEL })) {
    found.push(...items.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  }
  if (found.length === 0) return undefined;
  const object = chance.pick(found);
  if (chaos.strangers.has(object.metadata.uid ?? '')) return undefined;
  await act(object);
  return `${object.kind} ${object.metadata.name}`;
}
