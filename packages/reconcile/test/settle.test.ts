import { describe, expect, test } from 'vitest';
import type { Answer, ApplyItem } from '@homeostat/apply';
import { createRedactor, setIdentity } from '@homeostat/kube';
import type { KubeObject, Redactor } from '@homeostat/kube';
import { draft } from '../src/draft.ts';
import type { DraftItem } from '../src/draft.ts';
import type { JudgedAddition } from '../src/find-additions.ts';
import type { PlanItem } from '../src/plan.ts';
import { settle } from '../src/settle.ts';
import { follow } from '../src/validate.ts';
import type { Verdict } from '../src/validate.ts';
import { applied, byHand, configMap, entryOf, policyWith, set, wanted } from './live.ts';

type Asked = DraftItem & { readonly step: 'ask' };

/** The question that a desired object leads to, beside what is live. */
function asking(desired: KubeObject, live?: KubeObject): Asked {
  const prepared = wanted(desired);
  const members = new Map(live === undefined ? [] : [[prepared.key, entryOf(live)]]);
  const [item] = draft({
    wanted: [prepared],
    view: { members },
    policy: policyWith(),
    namespace: 'demo',
    name: 'site',
    verified: new Map(),
  });
  if (item?.step !== 'ask') throw new Error(`nothing to ask: ${item?.step}`);
  return item;
}

/** What becomes of it when this is the server's answer. */
function settled(asked: Asked, verdict: Partial<Verdict>): PlanItem | undefined {
  const verdicts = new Map([[asked.prepared.key, { item: asked.item, taken: [], yielded: [], ...verdict }]]);
  const [item] = settle([asked], verdicts, { namespace: 'demo', policy: policyWith() }, createRedactor());
  return item?.plan;
}

const ok = (object: KubeObject, created = false): Answer => ({ answer: 'ok', object, created, warnings: [] });
const refused = (code: 'immutable' | 'missing-namespace' | 'invalid', message = 'no'): Answer => ({
  answer: 'refused',
  code,
  message,
  retry: 'never',
});

describe('settle', () => {
  test('an accepted creation is a creation', () => {
    const asked = asking(configMap('a'));
    expect(settled(asked, { answer: ok(applied(configMap('a')), true) })).toMatchObject({
      action: 'create',
      validated: true,
    });
  });

  test('a change that the server answers with equal contents is unchanged; what still differs is named', () => {
    const live = applied(configMap('a', { a: '1' }));
    const plan = settled(asking(configMap('a', { a: 'admission puts 1 here' }), live), { answer: ok(live) });
    expect(plan).toMatchObject({ action: 'unchanged', uid: 'uid-a', resourceVersion: '7' });
    expect(plan).toMatchObject({ overridden: [{ path: '.data.a' }] });
  });

  test('what is on its way out is made anew, although the server would take the change and nothing differs', () => {
    const live = applied(configMap('a'));
    const terminating = { ...live, metadata: { ...live.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(settled(asking(configMap('a'), terminating), { answer: ok(terminating) })).toMatchObject({
      action: 'update',
      validated: true,
    });
  });

  test('an immutable field is refused, and the message says how to consent to a replacement', () => {
    const asked = asking(configMap('a', { a: '2' }), applied(configMap('a')));
    expect(settled(asked, { answer: refused('immutable') })).toMatchObject({
      action: 'refused',
      code: 'immutable',
      message: expect.stringContaining('the policy replace: on-immutable') as string,
    });
  });

  test("a missing namespace is a refusal, unless it is the set's own, which is made with the parent", () => {
    const here = asking(configMap('a'));
    expect(settled(here, { answer: refused('missing-namespace') })).toMatchObject({
      action: 'create',
      validated: false,
      deferred: 'namespace',
    });
    const there = asking({ ...configMap('a'), metadata: { name: 'a', namespace: 'elsewhere' } });
    expect(settled(there, { answer: refused('missing-namespace') })).toMatchObject({ action: 'refused' });
  });

  test('a conflict names the fields and who has them', () => {
    const asked = asking(configMap('a', { a: '2' }), applied(configMap('a')));
    const conflicts = [{ path: '.data.a', manager: 'argocd-controller' }];
    expect(settled(asked, { answer: { answer: 'conflict', conflicts } })).toMatchObject({
      action: 'refused',
      code: 'conflict',
      message: expect.stringContaining(
        '"argocd-controller" owns .data.a; leave these fields out, or take them with the policy adoptFrom: [argocd]',
      ) as string,
    });
  });

  test('without an answer the plan says that it is not validated', () => {
    expect(settled(asking(configMap('a')), {})).toMatchObject({ action: 'create', validated: false });
  });

  test('of a Secret it shows which fields change, never from what to what', () => {
    const key = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', namespace: 'demo' },
      data: { password: Buffer.from(value).toString('base64') },
    });
    const asked = asking(key('second value'), applied(key('first value')));
    const message = 'Secret "key" is invalid: data[password]: Invalid value: 12345: must be text';
    const plans = [
      settled(asked, { answer: ok(applied(key('second value'), { resourceVersion: '8' })) }),
      settled(asked, { answer: refused('invalid', message) }),
    ];
    expect(plans[0]).toMatchObject({ action: 'update', changes: [{ path: '.data.password', kind: 'change' }] });
    const text = JSON.stringify(plans);
    for (const value of ['first value', 'second value']) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('base64'));
    }
    expect(text).not.toContain('12345');
  });
});

describe('settle with what others added', () => {
  const live = applied(configMap('a'));
  const addition: JudgedAddition = {
    path: '.data.x',
    value: 'top secret',
    security: false,
    heldBy: [{ manager: 'kubectl-edit', operation: 'Update' }],
    action: 'remove',
  };
  const withAdditions = (
    item: DraftItem,
    found: readonly JudgedAddition[],
    { verdict = {}, redactor = createRedactor() }: { verdict?: Partial<Verdict>; redactor?: Redactor } = {},
  ) => {
    const { key } = item.prepared;
    const verdicts = new Map(
      item.step === 'ask' ? [[key, { item: item.item, taken: [], yielded: [], ...verdict }]] : [],
    );
    const additions = new Map([[key, { live, additions: found, validated: true }]]);
    const [settledItem] = settle([item], verdicts, { namespace: 'demo', policy: policyWith() }, redactor, additions);
    return settledItem;
  };
  const same: DraftItem = { step: 'unchanged', prepared: wanted(configMap('a')), entry: entryOf(live) };

  test('an object that is as desired and loses something is an update without changes', () => {
    const settledItem = withAdditions(same, [addition]);
    expect(settledItem?.plan).toMatchObject({
      action: 'update',
      changes: [],
      validated: true,
      uid: 'uid-a',
      additions: [{ action: 'remove', path: '.data.x', value: 'top secret' }],
    });
    expect(settledItem?.apply.action).toBe('none');
    expect(settledItem?.removal?.paths).toEqual(new Set(['.data.x']));
  });

  test('what is only told, or kept, makes no update', () => {
    const settledItem = withAdditions(same, [{ ...addition, action: 'keep', keep: 'held', reason: 'held' }]);
    expect(settledItem?.plan).toMatchObject({ action: 'unchanged', additions: [{ action: 'keep', reason: 'held' }] });
    expect(settledItem?.plan.additions?.[0]).not.toHaveProperty('keep');
    expect(settledItem?.removal).toBeUndefined();
  });

  test('nothing is taken from an object that is refused', () => {
    const asked = asking(configMap('a', { a: '2' }), live);
    const settledItem = withAdditions(asked, [addition], { verdict: { answer: refused('invalid') } });
    expect(settledItem?.plan).toMatchObject({ action: 'refused', additions: [{ action: 'keep', reason: 'refused' }] });
    expect(settledItem?.removal).toBeUndefined();
  });

  test('a value that is known to be secret is in none of them', () => {
    const redactor = createRedactor();
    redactor.learn({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'k' }, data: { k: 'dG9wIHNlY3JldA==' } });
    const deep = { ...addition, value: [{ env: 'is top secret' }] };
    const settledItem = withAdditions(same, [deep], { redactor });
    expect(JSON.stringify(settledItem?.plan)).not.toContain('top secret');
  });
});

describe('follow', () => {
  const ask = (answer: Answer, changes: { item?: Partial<ApplyItem>; policy?: object; apply?: 'create-only' } = {}) => {
    const asked = asking(configMap('a'));
    const directives = { ...asked.prepared.directives, apply: changes.apply ?? ('always' as const) };
    const item = { ...asked.item, ...changes.item };
    return follow(item, answer, { taken: [], yielded: [] }, { set, policy: policyWith(changes.policy), directives });
  };

  test('what exists and nobody owns is asked about as an adoption of exactly that object', () => {
    expect(ask({ answer: 'exists', live: byHand(configMap('a')) }).ask).toMatchObject({
      action: 'adopt',
      uid: 'uid-a',
      resourceVersion: '7',
    });
  });

  test('what exists and is ours is asked about as an update', () => {
    expect(ask({ answer: 'exists', live: applied(configMap('a')) }).ask).toMatchObject({ action: 'update' });
  });

  test("another set's object is refused without a further question", () => {
    const live = applied(configMap('a'), { owner: setIdentity('demo', 'other') });
    const next = ask({ answer: 'exists', live });
    expect(next.ask).toBeUndefined();
    expect(next.verdict.refused).toContain('the set demo/other');
  });

  test('create-only leaves alone whatever is there', () => {
    const next = ask({ answer: 'exists', live: byHand(configMap('a')) }, { apply: 'create-only' });
    expect(next).toMatchObject({ verdict: { leaveAlone: true } });
    expect(next.ask).toBeUndefined();
  });

  test("an ordinary writer's field is asked for by force, and force does not outlive the question", () => {
    const conflicts = [{ path: '.data.a', manager: 'kubectl-edit' }];
    const next = ask({ answer: 'conflict', conflicts });
    expect(next.ask).toMatchObject({ force: true });
    expect(next.verdict).toMatchObject({ item: { force: false }, taken: conflicts });
    expect(next.verdict.answer).toBeUndefined();
  });

  test('a field that is left to an autoscaler is left out of the question, and named', () => {
    const conflicts = [{ path: '.data.a', manager: 'autoscaler', subresource: 'scale' }];
    const next = ask({ answer: 'conflict', conflicts });
    expect(next.ask).toMatchObject({ force: false, object: { data: {} } });
    expect(next.verdict).toMatchObject({ item: { object: { data: { a: '1' } } }, taken: [], yielded: conflicts });
  });

  test('a field that cannot be left out is a conflict', () => {
    const conflicts = [{ path: '.spec.replicas', manager: 'autoscaler', subresource: 'scale' }];
    const next = ask({ answer: 'conflict', conflicts });
    expect(next.ask).toBeUndefined();
    expect(next.verdict.answer).toMatchObject({ answer: 'conflict' });
  });

  test('a field of another GitOps tool is not asked for', () => {
    const next = ask({ answer: 'conflict', conflicts: [{ path: '.data.a', manager: 'argocd-controller' }] });
    expect(next.ask).toBeUndefined();
    expect(next.verdict.answer).toMatchObject({ answer: 'conflict' });
  });

  test('an immutable field leads to a replacement only with consent', () => {
    const item = { action: 'update' as const };
    expect(ask(refused('immutable'), { item }).ask).toBeUndefined();
    expect(ask(refused('immutable'), { item, policy: { replace: 'on-immutable' } }).ask).toMatchObject({
      action: 'replace',
      replace: 'ordinary',
    });
    expect(
      ask(refused('immutable'), { item, policy: { replace: 'on-immutable', replaceProtected: true } }).ask,
    ).toMatchObject({ replace: 'protected' });
    expect(ask(refused('invalid'), { item, policy: { replace: 'on-immutable' } }).ask).toBeUndefined();
  });

  describe('a look, where nothing may be asked', () => {
    const looked = (live: KubeObject | undefined): Answer => ({ answer: 'looked', live });

    test('finds nothing: a creation', () => {
      expect(ask(looked(undefined))).toMatchObject({ verdict: { item: { action: 'create' } } });
    });

    test('finds what nobody owns: an adoption, its changes foreseen', () => {
      const next = ask(looked(byHand(configMap('a', { a: '2' }))));
      expect(next.ask).toBeUndefined();
      expect(next.verdict).toMatchObject({
        item: { action: 'adopt', uid: 'uid-a' },
        taken: [{ path: '.data.a', manager: 'kubectl-create' }],
      });
      expect(next.verdict.changes).toContainEqual(expect.objectContaining({ path: '.data.a', kind: 'change' }));
    });

    test("finds another set's object: refused as ever", () => {
      const live = applied(configMap('a'), { owner: setIdentity('demo', 'other') });
      expect(ask(looked(live)).verdict.refused).toContain('the set demo/other');
    });

    test('finds a field of another tool: a conflict', () => {
      const live = byHand(configMap('a', { a: '2' }));
      const [entry] = live.metadata.managedFields ?? [];
      const argo = [{ ...entry, manager: 'argocd-controller' }];
      const next = ask(looked({ ...live, metadata: { ...live.metadata, managedFields: argo } }));
      expect(next.verdict.answer).toMatchObject({ answer: 'conflict', conflicts: [{ manager: 'argocd-controller' }] });
    });
  });
});
