import { compare, foresee } from '@homeostat/diff';
import { canonicalJson, isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { SEED, dice, fixtures } from './fixtures.ts';
import { applyAs, patchAs } from './ssa.ts';

const manager = { current: 'homeostat', former: [] };

function deployment(roll: (sides: number) => number): KubeObject {
  const some = <T>(value: T): T | undefined => (roll(2) === 0 ? value : undefined);
  const container = (name: string): object => ({
    name,
    image: `${name}:${roll(3)}`,
    command: some(['run', String(roll(2))]),
    env: some([{ name: 'A', value: String(roll(2)) }, ...(roll(2) === 0 ? [{ name: 'B', value: 'b' }] : [])]),
    securityContext: some({ runAsUser: roll(3), privileged: some(true) }),
  });
  return JSON.parse(
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'demo', labels: { app: 'web', x: some('1') }, annotations: some({ n: '1' }) },
      spec: {
        replicas: some(roll(4)),
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [container('web'), ...(roll(2) === 0 ? [container('side')] : [])],
            nodeSelector: some({ disk: String(roll(2)), zone: some('a') }),
            tolerations: some([{ key: 'a' }, { key: String(roll(2)) }]),
          },
        },
      },
    }),
  ) as KubeObject;
}

/** Without managedFields and empty maps, and with lists of maps in one order: new items may come to stand elsewhere. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(plain);
    return items.every(isRecord) ? items.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : items;
  }
  if (!isRecord(value)) return value;
  const parts = Object.entries(value)
    .filter(([name]) => name !== 'managedFields')
    .map(([name, part]) => [name, plain(part)] as const)
    .filter(([, part]) => !isRecord(part) || Object.keys(part).length > 0)
    .filter(([, part]) => !Array.isArray(part) || part.length > 0);
  return Object.fromEntries(parts);
}

describe(`foresee (SEED=${SEED})`, () => {
  const roll = dice(SEED);

  test('comes to what a forced apply makes of live, whoever else wrote there', () => {
    for (let i = 0; i < 300; i++) {
      let live = applyAs(undefined, deployment(roll), 'homeostat');
      if (roll(2) === 0) live = applyAs(live, deployment(roll), 'other');
      if (roll(2) === 0) live = patchAs(live, [{ op: 'add', path: '/metadata/labels/y', value: '1' }]);
      const desired = deployment(roll);
      expect(plain(foresee(desired, live, { manager }))).toEqual(plain(applyAs(live, desired, 'homeostat')));
    }
  });

  test('of what is in sync nothing changes, defaults and all', () => {
    for (const { desired, live } of fixtures()) {
      if (compare(desired, live, { manager }).state !== 'in-sync') continue;
      expect(plain(foresee(desired, live, { manager })), `${desired.kind} ${desired.metadata.name}`).toEqual(
        plain(live),
      );
    }
  });
});
