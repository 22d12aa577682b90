import { MergeError, applyConfiguration, equalSets, parseFieldsV1, trackUpdate } from '@homeostat/merge';
import type { JsonObject } from '@homeostat/merge';
import { expect, test } from 'vitest';
import { dice, seed } from './dice.ts';
import type { Dice } from './dice.ts';
import { customKind, thingSchema } from './random-objects.ts';
import { ownersOf, specType } from './story.ts';

const type = specType((thingSchema['properties'] as Readonly<Record<string, JsonObject>>)['spec'] ?? {});
const tracking = { typeOf: () => type, convert: () => undefined, now: '2026-01-01T00:00:00Z' };
const { kind } = customKind('example.com');

function random(roll: Dice): JsonObject {
  const { spec } = kind.config(roll);
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 't' }, ...(spec !== undefined && { spec }) };
}

/**
 * Without empty lists and maps: one that takes the place of what was applied is pruned with it, to nothing or null, and
 * comes back with the next apply (on the API server too).
 */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([name, part]) => [name, withoutEmpty(part)] as const);
  return Object.fromEntries(parts.filter(([, part]) => !isEmptyContainer(part)));
}

function isEmptyContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function force(live: JsonObject | undefined, config: JsonObject, manager: string): JsonObject {
  return applyConfiguration(live, config, { ...tracking, manager, force: true }).object;
}

/** An object after some applies and updates. */
function history(roll: Dice, draw: (roll: Dice) => JsonObject = random): JsonObject {
  let live = force(undefined, draw(roll), 'a1');
  for (let i = roll.roll(6); i > 0; i--) {
    const metadata = live['metadata'];
    live = roll.chance(60)
      ? force(live, draw(roll), roll.pick(['a1', 'a2', 'a3']))
      : trackUpdate(live, { ...draw(roll), metadata }, { ...tracking, manager: roll.pick(['u1', 'u2']) });
  }
  return live;
}

function law(name: string, holds: (roll: Dice) => boolean): void {
  test(`${name} (SEED=${seed})`, () => {
    for (let i = 0; i < 400; i++) if (!holds(dice(seed + i))) expect.fail(`SEED=${seed + i}`);
  });
}

function without(object: JsonObject, field: 'managedFields'): string {
  const { [field]: _, ...metadata } = object['metadata'] as JsonObject;
  return JSON.stringify({ ...object, metadata });
}

law('applying the same again changes nothing', (roll) => {
  const config = withoutEmpty(random(roll)) as JsonObject;
  const once = force(history(roll), config, 'a1');
  const again = applyConfiguration(once, config, {
    ...tracking,
    now: '2027-01-01T00:00:00Z',
    manager: 'a1',
    force: false,
  });
  return !again.changed && again.object === once;
});

law('after an apply by force its values are there, whatever was there before', (roll) => {
  const config = withoutEmpty(random(roll)) as JsonObject;
  const live = force(history(roll), config, 'a1');
  // Another applier of the same says nothing new: there is no conflict, and only a co-owner more.
  const shared = applyConfiguration(live, config, { ...tracking, manager: 'a9', force: false }).object;
  return without(shared, 'managedFields') === without(live, 'managedFields');
});

law('an apply without conflict does what the same by force does', (roll) => {
  const [live, config] = [history(roll), random(roll)];
  try {
    const gentle = applyConfiguration(live, config, { ...tracking, manager: 'a1', force: false }).object;
    return JSON.stringify(gentle) === JSON.stringify(force(live, config, 'a1'));
  } catch (error) {
    return error instanceof MergeError && error.code === 'CONFLICT' && error.conflicts.length > 0;
  }
});

law('an applier owns just what it applied, whatever happened before', (roll) => {
  const config = random(roll);
  const owners = ownersOf(force(history(roll), config, 'a1'));
  return owners['a1'] === ownersOf(force(undefined, config, 'a1'))['a1'];
});

law('what others own outlives an applier that gives everything up', (roll) => {
  // One whose share is an empty map loses it with the last that stands in it (on the API server too).
  const live = history(roll, (each) => withoutEmpty(random(each)) as JsonObject);
  const kept = force(live, { apiVersion: 'v1', kind: 'Thing', metadata: { name: 't' } }, 'a1');
  // An updater's part of an item that only the applier had goes with the item; appliers lose nothing.
  const appliers = (object: JsonObject) => Object.entries(ownersOf(object)).filter(([name]) => /^a[23]$/.test(name));
  return JSON.stringify(appliers(kept)) === JSON.stringify(appliers(live));
});

law('an update that changes nothing keeps the object', (roll) => {
  const live = history(roll);
  const next = structuredClone(live);
  return trackUpdate(live, next, { ...tracking, manager: 'u9' }) === next;
});

law('every change belongs to its updater, and to nobody else', (roll) => {
  const live = history(roll);
  const next = trackUpdate(live, { ...random(roll), metadata: live['metadata'] }, { ...tracking, manager: 'u9' });
  const entries = (object: JsonObject) =>
    ((object['metadata'] as JsonObject)['managedFields'] ?? []) as readonly { manager: string; fieldsV1: unknown }[];
  const mine = entries(next).find(({ manager }) => manager === 'u9');
  // Undoing the update takes all of it away again.
  const undone = trackUpdate(next, { ...live, metadata: next['metadata'] }, { ...tracking, manager: 'u8' });
  const left = entries(undone).find(({ manager }) => manager === 'u9');
  return (
    mine === undefined || left === undefined || !equalSets(parseFieldsV1(mine.fieldsV1), parseFieldsV1(left.fieldsV1))
  );
});

law('inputs are never changed', (roll) => {
  const [live, config] = [history(roll), random(roll)];
  const before = JSON.stringify([live, config]);
  force(live, config, 'a1');
  trackUpdate(live, { ...config, metadata: live['metadata'] }, { ...tracking, manager: 'u1' });
  return JSON.stringify([live, config]) === before;
});
