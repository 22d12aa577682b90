/**
 * How it must behave, whoever writes between a plan and its apply, and while it is applied: what others wrote last is never
 * overwritten, nothing happens that was not shown, and what was left undone is named.
 */
import { expect } from 'vitest';
import { parseJson, printRef, stringifyJson } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import { parsePlan } from '@homeostat/reconcile';
import type { Plan, Report } from '@homeostat/reconcile';
import { annotated, configMap, scenarioTest as story, secret } from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';
import type { Raw } from '../../../test/support/cluster.ts';
import { before } from './intercept.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env['ROUNDS'] ?? 8);
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

function randomFrom(start: number): (below: number) => number {
  let state = start | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What others did last to one object that somebody could overwrite: a value they set, or its deletion. */
type Mark = { readonly value: string } | 'deleted';

/** Other writers, who remember what they did. */
class Rivals {
  readonly marks = new Map<string, Mark>();
  readonly #world: World;
  readonly #raw: Raw;
  readonly #random: (below: number) => number;
  readonly #isSecret: (name: string) => boolean;
  #count = 0;

  constructor(world: World, raw: Raw, random: (below: number) => number, isSecret: (name: string) => boolean) {
    this.#world = world;
    this.#raw = raw;
    this.#random = random;
    this.#isSecret = isSecret;
  }

  /** To any object, and rather often to the one that is about to be written. */
  async act(about?: string): Promise<void> {
    const any = NAMES[this.#random(NAMES.length)] ?? 'a';
    const name = about !== undefined && this.#random(2) === 0 && NAMES.some((one) => one === about) ? about : any;
    this.#count += 1;
    const value = `rival-${this.#count}`;
    const path = `/api/v1/namespaces/${this.#world.namespace}/${this.#isSecret(name) ? 'secrets' : 'configmaps'}/${name}`;
    switch (this.#random(4)) {
      case 0:
        await this.#world.applyAs('rival', this.object(name, { a: value }));
        this.marks.set(name, { value });
        return;
      case 1:
        await this.#raw('DELETE', path);
        this.marks.set(name, 'deleted');
        return;
      case 2:
        // What is nobody's business; where there is no such object it does nothing.
        await this.#raw('PATCH', `${path}?fieldManager=noter`, {
          body: { metadata: { annotations: { 'example.com/note': value } } },
          contentType: 'application/merge-patch+json',
        });
        return;
      default:
        await this.#raw('PATCH', `${path}?fieldManager=guest`, {
          body: { data: { theirs: Buffer.from(value).toString('base64') } },
          contentType: 'application/merge-patch+json',
        });
    }
  }

  object(name: string, data: Readonly<Record<string, string>>): KubeObject {
    return this.#isSecret(name) ? secret(name, data) : configMap(name, data);
  }
}

function valueOf(live: KubeObject | undefined): string | undefined {
  const value = (live?.['data'] as Readonly<Record<string, string>> | undefined)?.['a'];
  return live?.kind === 'Secret' && value !== undefined ? Buffer.from(value, 'base64').toString() : value;
}

/** Every text by which a report owns up to something that is not as the plan showed it. */
function ownedUp(report: Report): string {
  const objects = report.objects.filter(({ action }) => action === 'failed' || action === 'blocked');
  const orphans = report.orphans.filter(({ action }) => action === 'kept' || action === 'failed');
  const named = [...objects, ...orphans].map(({ ref }) => printRef(ref));
  return [...named, ...(report.failure?.reasons ?? [])].join('\n');
}

story(`random writers between plan and apply, and during it (SEED=${seed})`, async ({ scenario, raw }) => {
  const random = randomFrom(seed);
  console.log(`plan and rivals with SEED=${seed}`);
  const seen = { done: 0, refused: 0, halfway: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const secrets = new Set(NAMES.filter(() => random(4) === 0));
    const world = await scenario({ name: `site-${round}`, policy: { allowEmpty: true } });
    const rivals = new Rivals(world, raw, random, (name) => secrets.has(name as (typeof NAMES)[number]));
    const file = (name: string, value: string | undefined) =>
      [`${name}.yaml`, value === undefined ? null : rivals.object(name, { a: value })] as const;

    await world.commit(Object.fromEntries(NAMES.map((name) => file(name, random(3) === 0 ? undefined : 'old'))));
    await world.reconcile();
    for (const name of NAMES) {
      const there = await world.live(rivals.object(name, {}));
      if (there === undefined && random(4) === 0) await world.applyAs('earlier', rivals.object(name, { a: 'earlier' }));
    }
    const wanted = new Map(NAMES.map((name) => [name, random(4) === 0 ? undefined : random(3) === 0 ? 'old' : 'new']));
    await world.commit(Object.fromEntries([...wanted].map(([name, value]) => file(name, value))));
    const plan: Plan = parsePlan(parseJson(stringifyJson(await (await world.process()).plan())));

    if (random(3) === 0) await rivals.act();
    const process = await world.process();
    const odds = random(3);
    before(process, ['apply', 'delete', 'patch'], async (name) => {
      if (odds > 0 && random(3) < odds) await rivals.act(name);
    });
    const earlier = new Map<string, string | undefined>();
    for (const name of NAMES) earlier.set(name, valueOf(await world.live(rivals.object(name, {}))));
    const report = await process.reconcile({ exactly: plan });
    const about = (ref: Ref): string =>
      `round ${round} of SEED=${seed}, ${printRef(ref)}: ${stringifyJson({ plan, report, marks: [...rivals.marks] }, 1)}`;

    if (report.failure !== undefined) expect(report.failure.code, stringifyJson(report)).toBe('PLAN_STALE');
    const names = ownedUp(report);
    const wroteNothing = report.failure?.message.includes('since this plan was made') === true;
    for (const name of NAMES) {
      const live = await world.live(rivals.object(name, {}));
      const mark = rivals.marks.get(name);
      const item = plan.items.find(({ ref }) => ref.name === name);
      const prune = plan.prunes.find(({ ref, decision }) => ref.name === name && decision === 'prune');
      const ref: Ref = item?.ref ?? prune?.ref ?? { group: '', kind: '?', namespace: world.namespace, name };
      const value = valueOf(live);
      if (mark === 'deleted') {
        // What the plan shows as new may be made where nothing is.
        const allowed = item?.action === 'create' ? [undefined, wanted.get(name)] : [undefined];
        expect(allowed, about(ref)).toContain(value);
      } else if (mark !== undefined) {
        expect(value, about(ref)).toBe(mark.value);
      }
      if (mark !== undefined) continue;
      // Nobody set or deleted it: it is as it was, as planned, or the report says that it is not.
      if (wroteNothing) {
        expect(value, about(ref)).toBe(earlier.get(name));
        continue;
      }
      const asPlanned = item === undefined ? prune === undefined || live === undefined : value === wanted.get(name);
      if (!asPlanned) expect(names, about(ref)).toContain(printRef(ref));
    }
    if (report.failure === undefined) seen.done += 1;
    else if (wroteNothing) seen.refused += 1;
    else seen.halfway += 1;
    for (const name of NAMES)
      await raw(
        'DELETE',
        `/api/v1/namespaces/${world.namespace}/${secrets.has(name) ? 'secrets' : 'configmaps'}/${name}`,
      );
  }
  console.log(`plan and rivals: ${stringifyJson(seen)}`);
});

story('without other writers the plan is carried out to the last object', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'key.yaml': secret('key', { a: '1' }) });
  await world.reconcile();
  await world.commit({
    'a.yaml': annotated(configMap('a', { a: '2' }), { 'example.com/x': '1' }),
    'b.yaml': null,
    'c.yaml': configMap('c'),
    'key.yaml': secret('key', { a: '2' }),
  });
  const plan = await (await world.process()).plan();
  const report = await (await world.process()).reconcile({ exactly: plan });
  expect(report).toMatchObject({ state: 'Ready', counts: { created: 1, updated: 2, pruned: 1 } });
});
