import { expect, test } from 'vitest';
import { additionLines } from '../src/print-additions.ts';
import { painter } from '../src/style.ts';

const holder = (manager: string, time?: string) => ({
  manager,
  operation: 'Update' as const,
  ...(time !== undefined && { time }),
});

test('an addition is one line: what, whose, since when, and what is done about it', () => {
  const lines = additionLines(
    [
      {
        path: '.spec.template.spec.containers[name="web"].securityContext',
        value: { privileged: true },
        security: true,
        heldBy: [holder('kubectl-edit', '2026-11-25T10:00:00Z'), holder('someone')],
        action: 'remove',
      },
      { path: '.data.note', value: 'x'.repeat(100), security: false, heldBy: [holder('tool')], action: 'reported' },
      {
        path: '.metadata.finalizers[="a/b"]',
        value: 'a/b',
        security: true,
        heldBy: [holder('operator')],
        action: 'kept',
        reason: 'lifecycle',
      },
      { path: '.data.password', security: false, heldBy: [holder('kubectl-edit')], action: 'removed' },
    ],
    painter(false),
  );
  expect(lines).toEqual([
    '          - .spec.template.spec.containers[name="web"].securityContext: {"privileged":true}  (added by kubectl-edit and 1 more at 2026-11-25T10:00:00Z)',
    `          ! .data.note: "${'x'.repeat(76)}…  (added by tool)`,
    '          ! .metadata.finalizers[="a/b"]: "a/b"  (kept: whoever put it there counts on it; added by operator)',
    '          - .data.password  (added by kubectl-edit)',
  ]);
});

test('a reason in the server’s own words is printed as it is; without additions there is no line', () => {
  const lines = additionLines(
    [
      {
        path: '.immutable',
        value: true,
        security: false,
        heldBy: [holder('m')],
        action: 'keep',
        reason: 'field is immutable',
      },
    ],
    painter(false),
  );
  expect(lines[0]).toContain('kept: field is immutable; added by m');
  expect(additionLines(undefined, painter(false))).toEqual([]);
});
