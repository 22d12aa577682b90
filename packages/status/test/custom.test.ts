import type { KubeObject } from '@homeostat/kube';
import { expect, test } from 'vitest';
import type { CustomRule } from '../src/index.ts';
import { customRules, statusOf } from '../src/index.ts';

const widget: KubeObject = {
  apiVersion: 'shop.example/v1',
  kind: 'Widget',
  metadata: { name: 'a', generation: 2 },
  status: {},
};
const says = (reason: string, group: string, kind?: string): CustomRule => ({
  group,
  ...(kind !== undefined && { kind }),
  status: () => ({ state: 'Failed', reason, message: reason }),
});

test('a rule for the kind beats a rule for its group', () => {
  const custom = customRules([says('ByGroup', 'shop.example'), says('ByKind', 'shop.example', 'Widget')]);
  expect(statusOf(widget, { custom })).toMatchObject({ reason: 'ByKind' });
  expect(statusOf({ ...widget, kind: 'Gadget' }, { custom })).toMatchObject({ reason: 'ByGroup' });
  expect(statusOf({ ...widget, apiVersion: 'v1' }, { custom })).toMatchObject({ reason: 'Exists' });
});

test('a rule beats the built-in one, but not deletion, nor an older generation', () => {
  const custom = customRules([says('Mine', 'shop.example')]);
  const stalled = { conditions: [{ type: 'Stalled', status: 'True' }] };
  expect(statusOf({ ...widget, status: stalled }, { custom })).toMatchObject({ reason: 'Mine' });
  expect(statusOf({ ...widget, status: { observedGeneration: 1 } }, { custom })).toMatchObject({ state: 'InProgress' });
  const deleted = { ...widget, metadata: { ...widget.metadata, deletionTimestamp: '2026-11-25T12:00:00Z' } };
  expect(statusOf(deleted, { custom })).toMatchObject({ state: 'Terminating' });
});

test('a rule without an opinion leaves the verdict to the built-in ones', () => {
  const custom = customRules([{ group: 'shop.example', status: () => undefined }]);
  expect(statusOf(widget, { custom })).toMatchObject({ state: 'Current', reason: 'Exists' });
});

test('a rule is told the time, and may ask to be heard again', () => {
  const custom = customRules([
    {
      group: 'shop.example',
      status: (_, { now }) => ({ state: 'InProgress', reason: 'Brewing', message: '', recheckAt: now + 5 }),
    },
  ]);
  expect(statusOf(widget, { custom, now: 10 })).toMatchObject({ reason: 'Brewing', recheckAt: 15 });
});

test('a rule that throws makes its own object Unknown and nothing else', () => {
  const custom = customRules([
    {
      group: 'shop.example',
      kind: 'Widget',
      status: () => {
        throw new TypeError('no such field');
      },
    },
  ]);
  expect(statusOf(widget, { custom })).toEqual({
    state: 'Unknown',
    reason: 'RuleFailed',
    message: 'the custom rule for shop.example/Widget failed: no such field',
  });
});

test('two rules for one kind are refused at start, by name', () => {
  const twice = [says('A', 'shop.example', 'Widget'), says('B', 'shop.example', 'Widget')];
  expect(() => customRules(twice)).toThrow(
    expect.objectContaining({ code: 'DUPLICATE_RULE', message: expect.stringContaining('shop.example/Widget') }),
  );
});

test('a rule that is none is refused at start', () => {
  const rule = JSON.parse('{"group":"shop.example"}') as CustomRule;
  expect(() => customRules([rule])).toThrow(expect.objectContaining({ code: 'INVALID_RULE' }));
});
