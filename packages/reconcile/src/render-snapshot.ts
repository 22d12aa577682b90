import type { Snapshot } from '@homeostat/git';
import { compareForApply, gvkOf, isRecord, printRef, refKey, refOf } from '@homeostat/kube';
import type { KubeObject, Ref, RefKey, Resources, Scope, SetIdentity } from '@homeostat/kube';
import { render, resolveScopes } from '@homeostat/render';
import type { Desired, Origin } from '@homeostat/render';
import type { PassEvent } from './events.ts';
import type { PassFinding } from './finding.ts';
import type { Ports } from './ports.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import type { Sync } from './sync.ts';
import type { Turn } from './turns.ts';

interface RenderOptions {
  readonly signal: AbortSignal;
  readonly turn: Turn;
}

/** What the source wants, ready to be compared. */
export interface Wanted {
  /** In the order of application. */
  readonly objects: readonly Prepared[];
  readonly byKey: ReadonlyMap<RefKey, Prepared>;
  readonly findings: readonly PassFinding[];
  /** Whether nothing can be missing: only then does absence mean that an object is to go. */
  readonly complete: boolean;
}

/**
 * Files to prepared objects: rendered, with scopes and namespaces resolved. What did not change keeps its instance: the whole
 * of it for the same snapshot, else whatever comes from the same text.
 */
export async function* renderSnapshot(
  snapshot: Snapshot,
  sync: Sync,
  set: SetIdentity,
  resources: Resources,
  { memory, redactor }: Ports,
  options: RenderOptions,
): AsyncGenerator<PassEvent, Wanted> {
  // What is not complete may be so because a file could not be read this time.
  const inputs = [sync, snapshot, resources];
  const known = memory.wanted.find(inputs);
  const wanted = known ?? (await renderAnew(snapshot, sync, set, resources, { memory, redactor }, options));
  if (wanted.complete) memory.wanted.keep(inputs, wanted);
  yield { type: 'rendered', objects: wanted.objects.length, complete: wanted.complete, findings: wanted.findings };
  return wanted;
}

/**
 * The same against what the server serves now. A kind that neither discovery knows nor the source defines may have been installed
 * since discovery was asked: then it is asked once more, because without its scope an object cannot be placed.
 */
export async function* renderServed(
  snapshot: Snapshot,
  sync: Sync,
  set: SetIdentity,
  ports: Ports,
  options: RenderOptions,
): AsyncGenerator<PassEvent, { readonly wanted: Wanted; readonly resources: Resources }> {
  const { client } = ports;
  const { signal } = options;
  const resources = await client.resources({ signal });
  const wanted = yield* renderSnapshot(snapshot, sync, set, resources, ports, options);
  const unknown = unknownKinds(wanted, resources);
  if (unknown.length === 0) return { wanted, resources };
  const newer = await client.resources({ signal, refresh: true });
  if (unknown.every((ref) => newer.find(ref) === undefined)) return { wanted, resources };
  return { wanted: yield* renderSnapshot(snapshot, sync, set, newer, ports, options), resources: newer };
}

function unknownKinds({ objects }: Wanted, resources: Resources): readonly Ref[] {
  const unserved = objects.flatMap(({ ref }) => (resources.find(ref) === undefined ? [ref] : []));
  if (unserved.length === 0) return [];
  const defined = new Map(objects.flatMap(({ object }) => definedScope(object)));
  return unserved.filter(({ group, kind }) => !defined.has(`${group}/${kind}`));
}

async function renderAnew(
  snapshot: Snapshot,
  sync: Sync,
  set: SetIdentity,
  resources: Resources,
  { memory, redactor }: Pick<Ports, 'memory' | 'redactor'>,
  { signal, turn }: RenderOptions,
): Promise<Wanted> {
  const { commit } = snapshot.revision;
  const { tree } = snapshot;
  const files = { ...tree, prefetch: (paths: readonly string[]) => turn.wait(() => tree.prefetch(paths)) };
  const rendered = await render(files, sync.render, { memo: memory.render, commit, signal });
  const resolved = resolveScopes(rendered, {
    scopeOf: scopesOf(resources, rendered.objects),
    namespace: sync.namespace,
    enforceNamespace: sync.policy.enforceNamespace,
    memo: memory.render,
  });

  const scaled = new Set(resolved.objects.flatMap(({ object }) => scaleTarget(object)));
  const objects = resolved.objects.map(({ object, origin }): Prepared => {
    const known = memory.prepared.get(object);
    const autoscaled = scaled.size > 0 && scaled.has(refKey(refOf(object)));
    const same = known?.autoscaled === autoscaled ? known : undefined;
    if (same !== undefined && sameOrigin(same.origin, origin)) return same;
    const prepared = { ...(same ?? prepare(object, set, sync.policy, { autoscaled })), origin };
    if (same === undefined) redactor.learn(prepared.initial);
    memory.prepared.set(object, prepared);
    return prepared;
  });
  const applied = objects
    .filter(({ directives }) => !directives.localConfig)
    .sort((a, b) => compareForApply(a.ref, b.ref));
  const told = sourceFindings(snapshot, sync.render);
  return {
    objects: applied,
    byKey: new Map(applied.map((prepared) => [prepared.key, prepared])),
    findings: [
      ...told,
      ...resolved.findings,
      ...objects.flatMap((one) => [...annotationFindings(one), ...expiryFindings(one)]),
    ],
    complete: resolved.complete && told.every(({ severity }) => severity !== 'error'),
  };
}

function sameOrigin(a: Origin, b: Origin): boolean {
  return a.path === b.path && a.document === b.document && a.line === b.line && a.commit === b.commit;
}

/** The scope of a kind: as the server serves it, or as a CustomResourceDefinition among the objects will have it. */
function scopesOf(
  resources: Resources,
  desired: readonly Desired[],
): (group: string, kind: string) => Scope | undefined {
  const defined = new Map(desired.flatMap(({ object }) => definedScope(object)));
  return (group, kind) => {
    const resource = resources.find({ group, kind });
    if (resource !== undefined) return resource.namespaced ? 'Namespaced' : 'Cluster';
    return defined.get(`${group}/${kind}`);
  };
}

function definedScope(object: KubeObject): [string, Scope][] {
  const { spec } = object;
  if (object.kind !== 'CustomResourceDefinition' || !isRecord(spec) || !isRecord(spec['names'])) return [];
  const scope = spec['scope'];
  return scope === 'Namespaced' || scope === 'Cluster'
    ? [[`${String(spec['group'])}/${String(spec['names']['kind'])}`, scope]]
    : [];
}

/** What an autoscaler among the objects scales: its `spec.replicas` is the autoscaler's, not the source's. */
function scaleTarget(object: KubeObject): RefKey[] {
  if (object.kind !== 'HorizontalPodAutoscaler' || !isRecord(object['spec'])) return [];
  const target = object['spec']['scaleTargetRef'];
  if (!isRecord(target)) return [];
  const { apiVersion = 'v1', kind, name } = target;
  const { group } = gvkOf({ apiVersion: String(apiVersion), kind: String(kind) });
  return [refKey({ group, kind: String(kind), namespace: object.metadata.namespace ?? '', name: String(name) })];
}

/**
 * What the source found missing where this sync reads: on the way to its folder other things are seen, and a snapshot may be read by
 * other syncs too. A renderer of the caller's own may read anywhere.
 */
function sourceFindings({ findings }: Snapshot, { kind, path = '' }: Sync['render']): readonly PassFinding[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (kind === 'custom' || names.length === 0) return findings;
  const folder = `${names.join('/')}/`;
  return findings.filter(({ origin }) => {
    const place = `${origin.path}/`;
    return place.startsWith(folder) || folder.startsWith(place);
  });
}

/** A Job that is removed after it has ended is not there, which a set mends like any other absence. */
function expiryFindings({ object, ref, origin }: Prepared): PassFinding[] {
  const { spec } = object;
  if (ref.group !== 'batch' || ref.kind !== 'Job' || !isRecord(spec)) return [];
  const seconds = spec['ttlSecondsAfterFinished'];
  if (typeof seconds !== 'number') return [];
  return [
    {
      severity: 'warning',
      code: 'JOB_RUNS_AGAIN',
      message: `${printRef(ref)} is removed ${seconds} s after it has ended (spec.ttlSecondsAfterFinished), and is then made and run again, since the source still names it`,
      hint: 'leave spec.ttlSecondsAfterFinished out, so that the ended Job says that it has run; to run it at times, make it a CronJob',
      origin: { path: origin.path, document: origin.document, line: origin.line },
    },
  ];
}

function annotationFindings({ directiveFindings, origin }: Prepared): PassFinding[] {
  return directiveFindings.map(({ severity, message, hint }) => ({
    severity,
    code: 'UNKNOWN_ANNOTATION',
    message,
    hint,
    origin: { path: origin.path, document: origin.document, line: origin.line },
  }));
}
