import { directivesOf } from './directives.ts';
import type { Directives } from './directives.ts';
import { reaches, stronglyConnected } from './graph.ts';
import type { Graph } from './graph.ts';
import type { KubeObject } from './object.ts';
import { compareForApply } from './order.ts';
import { compareText, gvkOf, refKey, refOf } from './ref.ts';
import type { Ref, RefKey } from './ref.ts';
import {
  podReferences,
  podTemplateOf,
  recordAt,
  roleReference,
  serviceReferences,
  storageClassReference,
  textAt,
} from './references.ts';
import type { PodTemplate } from './references.ts';

/** Something that must be there before an object is applied. */
export interface Dependency {
  readonly on: Ref;
  /**
   * - `implied`: the server refuses or loses the object without it (its CRD, its Namespace, a binding's role).
   * - `depends-on`: an annotation says so.
   * - `soft`: a wish, because a controller would retry meanwhile (what a Pod mounts). Never part of a cycle.
   */
  readonly kind: 'implied' | 'depends-on' | 'soft';
  /** Whether it is among the given objects. Only a `depends-on` can be outside. */
  readonly inSet: boolean;
}

/** Objects of one wave. */
export interface Wave {
  readonly wave: number;
  readonly members: readonly RefKey[];
}

/** In which order objects can be applied; pruning goes the other way round. */
export interface DependencyGraph {
  /** Every object has an entry. Its dependencies are distinct, and in the order of application. */
  readonly edges: ReadonlyMap<RefKey, readonly Dependency[]>;
  /**
   * Barriers: no object of a wave starts until all objects of the wave before it are ready. Ascending; empty when all
   * objects are in one wave. Kept beside the edges because as edges they would be quadratic.
   */
  readonly waves: readonly Wave[];
  /** Groups of objects that wait for one another, by edges or waves, so that none of them can ever start. */
  readonly cycles: readonly (readonly RefKey[])[];
}

/**
 * The dependencies between objects that are applied together, each ref once.
 *
 * 1. Implied: a custom resource needs its CustomResourceDefinition, an object of an aggregated API its APIService, a
 *    namespaced object its Namespace, a role binding its role, a webhook configuration and an APIService the Service
 *    behind it. Only if that is among the objects.
 * 2. Soft: a workload (whatever has a pod template) wants the ServiceAccount, ConfigMaps, Secrets, claims and classes that
 *    it names; a claim its StorageClass; a webhook configuration and an APIService the workloads behind their Service.
 *    Only if among the objects, and only if no cycle comes of it.
 * 3. Explicit: `depends-on` names objects here or elsewhere; waves put barriers between objects.
 * 4. Pure, and the same for the same objects in any order.
 *
 * Linear in objects and dependencies, unless soft dependencies take part in cycles.
 */
export function dependencies(objects: readonly KubeObject[]): DependencyGraph {
  const nodes = nodesOf(objects);
  const index = indexOf(nodes);
  const wanted = nodes.map((node) => dependenciesOf(node, index));
  const waves = wavesOf(nodes);

  const kept = withoutSoftCycles(wanted, waves, index.positions);
  return {
    edges: new Map(nodes.map(({ key }, i) => [key, kept[i]!])),
    waves,
    cycles: cyclesOf(graphOf(kept.map(onlyHard), waves, index.positions), nodes),
  };
}

/** An object with what is asked of it more than once. */
export interface DependencyNode {
  readonly key: RefKey;
  readonly ref: Ref;
  readonly object: KubeObject;
  readonly directives: Pick<Directives, 'dependsOn' | 'wave'>;
}

/**
 * The roots and all that they need, at any distance: who applies the roots alone has to know of no other object. Whatever
 * `dependencies` says of the roots among all objects it says of them among these.
 *
 * Costs a look at each object, and beyond that what the roots need.
 */
export function requiredBy(roots: Iterable<RefKey>, nodes: readonly DependencyNode[]): ReadonlySet<RefKey> {
  const index = indexOf(nodes);
  const required = new Set<RefKey>();
  const pending: DependencyNode[] = [];
  const add = (key: RefKey): void => {
    const position = required.has(key) ? undefined : index.positions.get(key);
    if (position === undefined) return;
    required.add(key);
    pending.push(nodes[position]!);
  };
  for (const key of roots) add(key);
  const wavesBefore = wavesAscending(nodes);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const { on } of dependenciesOf(node, index)) add(refKey(on));
    // Each wave waits for the whole of the one before; whoever comes first takes them all off the list.
    const { wave = 0 } = node.directives;
    while (wavesBefore[0] !== undefined && wavesBefore[0].wave < wave) wavesBefore.shift()?.members.forEach(add);
  }
  return required;
}

type Node = DependencyNode;

function nodesOf(objects: readonly KubeObject[]): readonly Node[] {
  return objects
    .map((object) => {
      const ref = refOf(object);
      return { key: refKey(ref), ref, object, directives: directivesOf(object).directives };
    })
    .sort((a, b) => compareForApply(a.ref, b.ref));
}

interface Index {
  readonly positions: ReadonlyMap<RefKey, number>;
  /** CustomResourceDefinitions by `group/kind` of what they define. */
  readonly definitions: ReadonlyMap<string, Ref>;
  /** APIServices with a backend, by `group/version` of what it serves. */
  readonly aggregated: ReadonlyMap<string, Ref>;
  readonly services: ReadonlyMap<RefKey, KubeObject>;
  /** By namespace; made when a Service is first looked behind, which few sets ever do. */
  readonly workloads: (namespace: string) => readonly Workload[];
}

interface Workload {
  readonly ref: Ref;
  readonly labels: PodTemplate['labels'];
}

function indexOf(nodes: readonly Node[]): Index {
  const definitions = new Map<string, Ref>();
  const aggregated = new Map<string, Ref>();
  const services = new Map<RefKey, KubeObject>();
  for (const { key, ref, object } of nodes) {
    const spec = recordAt(object, 'spec');
    if (ref.group === 'apiextensions.k8s.io' && ref.kind === 'CustomResourceDefinition') {
      definitions.set(`${textAt(spec, 'group')}/${textAt(recordAt(spec, 'names'), 'kind')}`, ref);
    } else if (ref.kind === 'APIService' && serviceReferences(object).length > 0) {
      aggregated.set(`${textAt(spec, 'group')}/${textAt(spec, 'version')}`, ref);
    } else if (ref.group === '' && ref.kind === 'Service') {
      services.set(key, object);
    }
  }
  const positions = new Map(nodes.map(({ key }, i) => [key, i]));
  let workloads: ReadonlyMap<string, readonly Workload[]> | undefined;
  return {
    positions,
    definitions,
    aggregated,
    services,
    workloads: (namespace) => (workloads ??= workloadsOf(nodes)).get(namespace) ?? [],
  };
}

function workloadsOf(nodes: readonly Node[]): ReadonlyMap<string, readonly Workload[]> {
  const workloads = nodes.flatMap(({ ref, object }) => {
    const template = podTemplateOf(object);
    return template === undefined ? [] : [{ ref, labels: template.labels }];
  });
  return Map.groupBy(workloads, ({ ref }) => ref.namespace);
}

/** Distinct, in the order of application; one that is there for two reasons keeps the stronger. */
function dependenciesOf(node: Node, index: Index): readonly Dependency[] {
  const found = new Map<RefKey, Dependency>();
  const add = (kind: Dependency['kind'], on: Ref | undefined) => {
    if (on === undefined) return;
    const key = refKey(on);
    const inSet = index.positions.has(key);
    if (found.has(key) || (kind !== 'depends-on' && (!inSet || key === node.key))) return;
    found.set(key, { on, kind, inSet });
  };
  for (const ref of impliedBy(node, index)) add('implied', ref);
  for (const ref of node.directives.dependsOn) add('depends-on', ref);
  for (const ref of wantedBy(node, index)) add('soft', ref);
  return [...found.values()].sort((a, b) => compareForApply(a.on, b.on));
}

function impliedBy({ ref, object }: Node, index: Index): readonly (Ref | undefined)[] {
  const { group, version, kind } = gvkOf(object);
  return [
    ref.namespace === '' ? undefined : { group: '', kind: 'Namespace', namespace: '', name: ref.namespace },
    index.definitions.get(`${group}/${kind}`),
    index.aggregated.get(`${group}/${version}`),
    roleReference(object),
    ...serviceReferences(object),
  ];
}

function wantedBy({ ref, object }: Node, index: Index): readonly (Ref | undefined)[] {
  const template = podTemplateOf(object);
  return [
    ...(template === undefined ? [] : podReferences(template.spec, ref.namespace)),
    storageClassReference(object),
    ...serviceReferences(object).flatMap((service) => backendsOf(service, index)),
  ];
}

/** The workloads whose pods a Service selects. */
function backendsOf(service: Ref, { services, workloads }: Index): readonly Ref[] {
  const selector = Object.entries(recordAt(services.get(refKey(service)), 'spec', 'selector') ?? {});
  if (selector.length === 0) return [];
  return workloads(service.namespace)
    .filter(({ labels }) => selector.every(([label, value]) => labels[label] === value))
    .map(({ ref }) => ref);
}

function wavesOf(nodes: readonly Node[]): readonly Wave[] {
  const waves = wavesAscending(nodes);
  return waves.length < 2 ? [] : waves;
}

function wavesAscending(nodes: readonly Node[]): Wave[] {
  const waves = new Map<number, RefKey[]>();
  for (const { key, directives } of nodes) {
    const { wave = 0 } = directives;
    const members = waves.get(wave);
    if (members === undefined) waves.set(wave, [key]);
    else members.push(key);
  }
  return [...waves].sort(([a], [b]) => a - b).map(([wave, members]) => ({ wave, members }));
}

/**
 * The edges between the objects, by position, and after them one node per barrier: a wave leads to the barrier before it, the
 * barrier to the whole wave before.
 */
function graphOf(
  edges: readonly (readonly Dependency[])[],
  waves: readonly Wave[],
  positions: ReadonlyMap<RefKey, number>,
): number[][] {
  const position = (key: RefKey) => positions.get(key)!;
  const graph = edges.map((list) => list.filter(({ inSet }) => inSet).map(({ on }) => position(refKey(on))));
  waves.forEach(({ members }, i) => {
    const before = waves[i - 1];
    if (before === undefined) return;
    const barrier = graph.push(before.members.map(position)) - 1;
    for (const key of members) graph[position(key)]?.push(barrier);
  });
  return graph;
}

function onlyHard(edges: readonly Dependency[]): readonly Dependency[] {
  return edges.filter(({ kind }) => kind !== 'soft');
}

/**
 * Leaves out the soft dependencies that would close a cycle. Only those inside a strongly connected component can: they are
 * tried one after the other, in the order of application, and stay as long as nothing leads back.
 */
function withoutSoftCycles(
  wanted: readonly (readonly Dependency[])[],
  waves: readonly Wave[],
  positions: ReadonlyMap<RefKey, number>,
): readonly (readonly Dependency[])[] {
  const all = graphOf(wanted, waves, positions);
  const component = new Int32Array(all.length);
  const components = stronglyConnected(all);
  if (components.length === all.length) return wanted;
  components.forEach((members, i) => members.forEach((node) => (component[node] = i)));

  const suspect = (from: number, { kind, on }: Dependency) =>
    kind === 'soft' && component[from] === component[positions.get(refKey(on))!];
  const safe = wanted.map((list, from) => list.filter((dependency) => !suspect(from, dependency)));
  const graph = graphOf(safe, waves, positions);
  const waveOf = new Map(waves.flatMap(({ wave, members }) => members.map((key) => [positions.get(key)!, wave])));
  return wanted.map((list, from) =>
    list.filter((dependency) => {
      if (!suspect(from, dependency)) return true;
      const to = positions.get(refKey(dependency.on))!;
      // A later wave waits for each object of an earlier one: no need to search for the way back.
      if ((waveOf.get(to) ?? 0) > (waveOf.get(from) ?? 0)) return false;
      if (reaches(graph, to, from)) return false;
      graph[from]?.push(to);
      return true;
    }),
  );
}

function cyclesOf(graph: Graph, nodes: readonly Node[]): readonly (readonly RefKey[])[] {
  return stronglyConnected(graph)
    .filter(([first = 0, ...others]) => others.length > 0 || graph[first]?.includes(first))
    .map((members) => members.sort((a, b) => a - b).flatMap((member) => nodes[member]?.key ?? []))
    .sort(([a = ''], [b = '']) => compareText(a, b));
}
