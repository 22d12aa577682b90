import {
  GROUP_KINDS_ANNOTATION,
  isMember,
  parseHints,
  parseRefKey,
  printGroupKind,
  printRef,
  refKey,
  refOf,
  setIdentity,
  setOf,
} from '@homeostat/kube';
import type { KubeObject, RefKey } from '@homeostat/kube';
import { confirmPrunes, heldPrunes, resumeSet } from '@homeostat/reconcile';
import { lacking } from '../../support/lacking.ts';
import type { Process } from '../../support/world.ts';
import { placed } from './repository.ts';
import { beginChaos, stirUp, timeOf } from './trouble.ts';
import type { Chaos, Side } from './trouble.ts';
import { ADDED, SHARED, whatItNeeds } from './universe.ts';

export interface Outcome {
  readonly seed: number;
  readonly requests: number;
  readonly steps: number;
}

const MANAGERS = { current: 'homeostat', former: [] };
const minute = 60_000;
/** The longest pause between two attempts is five minutes, a dead watch is noticed within three, and a fight is left for five. */
const PATIENCE = 15 * minute;

/**
 * One run: so many things happen to two sets on one cluster; then nothing goes wrong any more, and both have to come to what
 * Git says, to stay silent, and to have broken no promise on the way.
 *
 * @throws {Error} with the story of what happened and what is wrong.
 */
export async function runSeed(
  seed: number,
  { verbose = false }: { readonly verbose?: boolean } = {},
): Promise<Outcome> {
  const chaos = await beginChaos(seed, verbose);
  const { lab, dice, story, sides } = chaos;
  try {
    const steps = 15 + dice.below(30);
    for (let step = 0; step < steps; step += 1) {
      await stirUp(chaos);
      await lab.clock.elapse(dice.pick([0, 0, 50, 400, 2_000, 10_000, minute]));
      failOn(chaos.auditor.violations);
    }
    await calm(chaos);
    await converge(chaos);
    // What was still to come of the faults comes: watches that lost events are told so when they are opened anew.
    await lab.clock.elapse(15 * minute);
    await lab.expectQuiet(20 * minute);
    for (const { name, process } of sides) chaos.auditor.hear(name, process.events);
    failOn(chaos.auditor.violations);
    await expectStrangers(chaos);
    return { seed, requests: lab.requests.length, steps };
  } catch (error) {
    throw new Error(
      `seed ${String(seed)}: ${(error as Error).message}\n${(verbose ? story : story.slice(-60)).join('\n')}`,
      { cause: error },
    );
  } finally {
    await lab[Symbol.asyncDispose]();
  }
}

function failOn(violations: readonly string[]): void {
  if (violations.length > 0) throw new Error(violations.slice(0, 5).join('; '));
}

/** Nothing goes wrong any more, and people mend what they broke. */
async function calm(chaos: Chaos): Promise<void> {
  const { lab, sides, story } = chaos;
  story.push(`${timeOf(lab)} calm`);
  lab.server.faults.clear();
  for (const { repository } of sides) {
    const mended: Record<string, KubeObject | null> = {};
    const seen = new Set<string>();
    for (const [path, content] of repository.files) {
      const other = sides.find((side) => side.repository !== repository && side.name === 'site');
      // Whoever has what the other wants, and wants what the other has, waits for people: they give it all to one.
      const contested = typeof content === 'object' && other !== undefined && SHARED.includes(content.metadata.name);
      const name = typeof content === 'string' ? '' : refKey(refOf(placed(content, 'demo')));
      const twice = seen.has(name);
      seen.add(name);
      if (typeof content === 'string' || twice || path === 'impossible.yaml' || contested) mended[path] = null;
    }
    const left = [...repository.files].flatMap(([path, content]) =>
      path in mended || typeof content === 'string' ? [] : content,
    );
    await repository.write(Object.assign(mended, ...left.map(whatItNeeds)) as Record<string, KubeObject | null>);
    await resumeSet(repository.world.sync, { client: lab.admin }).catch(() => undefined);
  }
  for (const object of await everything(chaos)) {
    if (object.metadata.finalizers?.includes('chaos.example.com/hold') !== true) continue;
    await lab.admin.update(
      { ...object, metadata: { ...object.metadata, finalizers: [] } },
      { manager: 'kubectl-edit' },
    );
  }
}

/** Both sets come to what Git says, in time. What is held is confirmed by somebody. */
async function converge(chaos: Chaos): Promise<void> {
  const { lab, auditor, sides, story } = chaos;
  const end = lab.clock.now() + PATIENCE;
  for (;;) {
    await lab.clock.elapse(minute / 2);
    const wrong = await Promise.all(sides.map((side) => difference(chaos, side)));
    const first = wrong.find((one) => one !== undefined);
    if (first === undefined) return;
    if (lab.clock.now() > end) throw new Error(`it does not come to what Git says: ${first}`);
    for (const { name, repository } of sides) {
      const { sync } = repository.world;
      const held = await heldPrunes(sync, { client: lab.admin }).catch(() => undefined);
      if (held === undefined) continue;
      auditor.consent(name);
      await confirmPrunes(sync, { client: lab.admin }, { digest: held.digest }).catch(() => undefined);
      story.push(`${timeOf(lab)} ${name}: ${held.reason} confirmed`);
    }
  }
}

/** What is not as Git says; `undefined` when all is. */
async function difference(chaos: Chaos, { name, repository, process }: Side): Promise<string | undefined> {
  const { world, latest } = repository;
  const set = setIdentity(world.namespace, name);
  const live = await everything(chaos);
  const byKey = new Map(live.map((object) => [refKey(refOf(object)), object]));
  const report = (): string => {
    const last = process.events.findLast(({ type }) => type === 'report');
    return `${name}: ${JSON.stringify(last).slice(-2500)}`;
  };
  for (const [key, object] of latest.objects) {
    const ref = parseRefKey(key);
    const found = byKey.get(key);
    if (found === undefined) return `${printRef(ref)} is missing; ${report()}`;
    if (!isMember(found, set, MANAGERS)) return `${printRef(ref)} is not proven to be of ${name}; ${report()}`;
    const lacks = lacking(asStored(object), found);
    if (lacks !== undefined) return `${printRef(ref)}: ${lacks}; ${report()}`;
    const isLeft = world.sync.policy.additions === 'remove' && ADDED in ((found['data'] as object | undefined) ?? {});
    if (isLeft && !(isOfNobody(found) && saysItIsKept(process, key)))
      return `${printRef(ref)} still has what somebody added; ${report()}`;
  }
  const hints = parseHints(byKey.get(refKey({ group: '', kind: 'ConfigMap', ...set }))?.metadata.annotations);
  const named = new Set(hints.groupKinds.map(printGroupKind));
  for (const object of live) {
    if (!isMember(object, set, MANAGERS)) continue;
    const ref = refOf(object);
    if (!named.has(printGroupKind(ref))) return `${GROUP_KINDS_ANNOTATION} of ${name} lacks ${printGroupKind(ref)}`;
    if (latest.objects.has(refKey(ref)) || KEPT.has(ref.kind)) continue;
    if (object.metadata.annotations?.['homeostat.dev/prune'] === 'false') continue;
    return `${printRef(ref)} is an orphan of ${name}; ${report()}`;
  }
  const state = process.events.findLast((event) => event.type === 'report')?.report.state;
  return state === 'Ready' ? undefined : `it says ${String(state)}; ${report()}`;
}

/** Whose managedFields were cleared since somebody added to it: nobody can tell who wrote that, so it stays, and the report says why. */
function isOfNobody({ metadata }: KubeObject): boolean {
  return (metadata.managedFields ?? []).some(
    ({ manager, fieldsV1 }) => manager === 'before-first-apply' && JSON.stringify(fieldsV1).includes(`"f:${ADDED}"`),
  );
}

function saysItIsKept({ events }: Process, key: RefKey): boolean {
  const last = events.findLast((event) => event.type === 'report');
  const told = last?.report.objects.find(({ ref }) => refKey(ref) === key)?.additions ?? [];
  return told.some(({ path, reason }) => path === `.data.${ADDED}` && reason === 'unknown-writer');
}

/** Kinds that no policy here lets go. */
const KEPT: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition']);

/** As the server keeps it. */
function asStored(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object as KubeObject & { readonly stringData?: Readonly<Record<string, string>> };
  if (stringData === undefined) return object;
  const data = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')] as const);
  return { ...rest, data: Object.fromEntries(data) };
}

/** What people made by hand and carries our marks is none of ours: it is there still. */
async function expectStrangers(chaos: Chaos): Promise<void> {
  const uids = new Set((await everything(chaos)).map(({ metadata }) => metadata.uid));
  for (const [uid, ref] of chaos.strangers) {
    if (!uids.has(uid)) throw new Error(`invariant 1: ${printRef(ref)}, made by hand, is gone`);
  }
}

/** Every object of the kinds that either set may have. */
async function everything({ lab }: Chaos): Promise<readonly KubeObject[]> {
  const resources = await lab.admin.resources({ refresh: true });
  const found: KubeObject[] = [];
  for (const kind of [
    'ConfigMap',
    'Secret',
    'Service',
    'Deployment.apps',
    'Widget.chaos.example.com',
    'Namespace',
    'CustomResourceDefinition.apiextensions.k8s.io',
  ]) {
    const [name = '', ...group] = kind.split('.');
    const resource = resources.find({ group: group.join('.'), kind: name });
    if (resource === undefined) continue;
    try {
      for await (const { items } of lab.admin.list(resource)) found.push(...items);
    } catch {
      // A definition that has just gone takes its kind along.
    }
  }
  return found.filter((object) => setOf(object) !== 'none');
}
