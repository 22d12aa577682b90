import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import type { KubeObject } from '@homeostat/kube';
import { createPorts, defineSync, loadHealthRules, ReconcileError } from '@homeostat/reconcile';
import type { HealthRule } from '@homeostat/reconcile';
import { statusOf } from '@homeostat/status';
import type { CustomRule, Status } from '@homeostat/status';

const widget = (
  status?: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): KubeObject => ({
  apiVersion: 'shop.example/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'demo', generation: 1, ...more },
  spec: { parts: 3 },
  ...(status !== undefined && { status }),
});

const rule: HealthRule = {
  group: 'shop.example',
  kind: 'Widget',
  inProgress: "status.phase == 'Assembling'",
  failed: "status.conditions.exists(c, c.type == 'Broken' && c.status == 'True')",
  current: "status.phase == 'Assembled' && status.parts == spec.parts",
};

async function verdictOn(
  object: KubeObject,
  rules: readonly HealthRule[],
  functions?: readonly CustomRule[],
): Promise<Status> {
  return statusOf(object, { now: 0, custom: await loadHealthRules(rules, functions) });
}

async function refusal(rules: readonly HealthRule[], functions?: readonly CustomRule[]): Promise<ReconcileError> {
  return loadHealthRules(rules, functions).then(
    () => expect.fail('the rules were taken'),
    (error: unknown) => (error instanceof ReconcileError ? error : expect.fail(String(error))),
  );
}

describe('a health rule', () => {
  test.each([
    [
      'inProgress is asked first',
      { phase: 'Assembling', conditions: [{ type: 'Broken', status: 'True' }] },
      'InProgress',
      'InProgressByRule',
    ],
    [
      'then failed',
      { phase: 'Assembled', parts: 3, conditions: [{ type: 'Broken', status: 'True' }] },
      'Failed',
      'FailedByRule',
    ],
    ['then current', { phase: 'Assembled', parts: 3, conditions: [] }, 'Current', 'CurrentByRule'],
    ['none true is in progress', { phase: 'Assembled', parts: 2, conditions: [] }, 'InProgress', 'NotCurrent'],
  ])('%s', async (_title, status, state, reason) => {
    expect(await verdictOn(widget(status), [rule])).toMatchObject({ state, reason });
  });

  test('cannot talk away an unobserved generation, or a deletion', async () => {
    const done = { phase: 'Assembled', parts: 3, conditions: [] };
    expect(await verdictOn(widget({ ...done, observedGeneration: 0 }), [rule])).toMatchObject({
      state: 'InProgress',
      reason: 'LatestGenerationNotObserved',
    });
    expect(await verdictOn(widget(done, { deletionTimestamp: '2026-01-01T00:00:00Z' }), [rule])).toMatchObject({
      state: 'Terminating',
    });
  });

  test('for a kind beats the one for its group', async () => {
    const forAll: HealthRule = { group: 'shop.example', current: 'true' };
    expect(await verdictOn(widget({ phase: 'Assembling' }), [forAll, rule])).toMatchObject({ state: 'InProgress' });
    expect(await verdictOn({ ...widget(), kind: 'Gadget' }, [forAll, rule])).toMatchObject({ state: 'Current' });
  });

  test('sees the whole object as self', async () => {
    const labelled = {
      group: 'shop.example',
      current: "self.metadata.name == 'w' && object == self && kind == 'Widget'",
    };
    expect(await verdictOn(widget(), [labelled])).toMatchObject({ state: 'Current' });
  });

  test('that cannot be evaluated is in progress until there is a status, and unknown then: named, with its error', async () => {
    expect(await verdictOn(widget(), [rule])).toEqual({
      state: 'InProgress',
      reason: 'NotObserved',
      message:
        'no controller has written a status yet; the health rule of Widget.shop.example cannot tell: inProgress: No such key: phase, at column 8',
    });
    expect(await verdictOn(widget({ phase: 'New' }), [rule])).toEqual({
      state: 'Unknown',
      reason: 'RuleFailed',
      message: 'the health rule of Widget.shop.example cannot tell: failed: No such key: conditions, at column 8',
    });
  });

  test('that costs too much is unknown', async () => {
    const nested = {
      group: 'shop.example',
      current: 'status.l.all(a, status.l.all(b, status.l.all(c, a + b + c >= 0)))',
    };
    const l = Array.from({ length: 500 }, (_, index) => index);
    expect(await verdictOn(widget({ l }), [nested])).toMatchObject({
      state: 'Unknown',
      message: expect.stringContaining('took more than the 100000 steps'),
    });
  });

  test('says what the condition Ready says', async () => {
    const waiting = {
      phase: 'New',
      conditions: [{ type: 'Ready', status: 'False', reason: 'NoParts', message: 'two are missing' }],
    };
    expect(await verdictOn(widget(waiting), [rule])).toMatchObject({
      message:
        'not current yet by the health rule of Widget.shop.example; its condition Ready says NoParts: two are missing',
    });
  });
});

describe('rules are refused at start', () => {
  test('each that is wrong, by its key', async () => {
    const error = await refusal([
      { group: 'shop.example', kind: 'Widget', current: 'statos.ready == true' },
      { group: 'shop.example', current: 'true', failed: 'status.broken' },
      { group: '', kind: 'Secret', current: 'true &&' },
    ]);
    expect(error.code).toBe('SYNC_INVALID');
    expect(error.reasons).toEqual([
      'policy.health.0.current (Widget.shop.example): Unknown variable: statos, at column 1',
      'policy.health.1.failed (*.shop.example): must evaluate to bool but got dyn',
      expect.stringMatching(/^policy\.health\.2\.current \(Secret\): .*at column 8$/),
    ]);
  });

  test('two for one kind, whether in the document or in the program', async () => {
    expect((await refusal([rule, rule])).reasons).toEqual([
      'policy.health.1 judges Widget.shop.example, as policy.health.0 does; keep one of them',
    ]);
    const own: CustomRule = { group: 'shop.example', kind: 'Widget', status: () => undefined };
    expect((await refusal([rule], [own])).message).toContain('two custom rules judge shop.example/Widget');
  });

  test('or when nobody has loaded them', async () => {
    await using server = await createApiServer();
    const sync = defineSync({ name: 'site', namespace: 'demo', policy: { health: [rule] } });
    expect(() => createPorts(sync, { client: server.client(), source: createMemorySource() })).toThrow(
      expect.objectContaining({ code: 'SYNC_INVALID', message: expect.stringContaining('loadHealthRules') }),
    );
  });
});

test('without a rule nothing of CEL is loaded', () => {
  const script = `
    import { registerHooks } from 'node:module';
    let loaded = 0;
    registerHooks({ load: (url, context, next) => ((loaded += url.includes('cel-js') ? 1 : 0), next(url, context)) });
    const { loadHealthRules } = await import('@homeostat/reconcile');
    await loadHealthRules([]);
    const before = loaded;
    await loadHealthRules([{ group: 'g', current: 'true' }]);
    console.log(JSON.stringify([before, loaded > 0]));
  `;
  const flags = ['--conditions=@homeostat/source', '--input-type=module', '--eval', script];
  expect(JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }))).toEqual([0, true]);
});
