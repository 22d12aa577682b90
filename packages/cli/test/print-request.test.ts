import { expect, test } from 'vitest';
import { printHandled, printHeld, printRequest } from '../src/print-request.ts';
import { engineIdentity, printEngine, whoAsks } from '../src/who.ts';

const set = { namespace: 'shop', name: 'web' };
const asked = { argument: 'true', value: 'shop/web:true alice@laptop', by: 'alice@laptop' } as const;

test('what was asked for, by whom, when, and what came of it', () => {
  const handledAt = '2026-11-25T12:00:01.000Z';
  const at = '2026-11-25T12:00:00Z';
  expect(printHandled({ request: 'suspend', ...asked, at, outcome: 'honoured', handledAt })).toBe(
    'asked for: suspend, by alice@laptop at 2026-11-25T12:00:00Z, seen at 2026-11-25T12:00:01.000Z',
  );
  expect(printHandled({ request: 'confirm', ...asked, outcome: 'not-held', handledAt })).toBe(
    'asked for: confirm (nothing of that digest is held), by alice@laptop, seen at 2026-11-25T12:00:01.000Z',
  );
});

test('a rollback says where to, and why', () => {
  const rollback = { ...asked, request: 'rollback', argument: 'c0ffee', reason: 'orders fail' } as const;
  expect(printHandled({ ...rollback, outcome: 'honoured', handledAt: 'then' })).toBe(
    'asked for: rollback to c0ffee, by alice@laptop (orders fail), seen at then',
  );
  expect(JSON.parse(printRequest(set, rollback, '', 'json'))).toMatchObject({ reason: 'orders fail' });
});

test('what is held says how it is let go', () => {
  const held = { digest: '0123456789ab', reason: 'over-budget', count: 12, objects: [] } as const;
  expect(printHeld(set, held)).toBe(
    'held: 12 objects wait for consent: homeostat confirm --name web --namespace shop --digest 0123456789ab --yes',
  );
});

test('a request as text and as JSON', () => {
  const request = { request: 'suspend', ...asked } as const;
  expect(printRequest(set, request, 'nothing is written', 'text')).toBe('suspend shop/web: nothing is written\n');
  expect(JSON.parse(printRequest(set, request, '', 'json'))).toEqual({
    kind: 'Request',
    version: 1,
    sync: set,
    request: 'suspend',
    value: asked.value,
    by: asked.by,
  });
});

test('an engine is named by host and process, and never like another', () => {
  const [a, b] = [engineIdentity(), engineIdentity()];
  expect(a).not.toBe(b);
  expect(printEngine(a)).toBe(printEngine(b));
  expect(printEngine('host-a/42/x')).toBe('process 42 on host-a');
  expect(printEngine('somebody-else')).toBe('somebody-else');
  expect(whoAsks()).toMatch(/^\S.*@\S+$/);
});
