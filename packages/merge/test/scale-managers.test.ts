import { fieldElement, managersForScale, managersFromScale, trackUpdate } from '@homeostat/merge';
import type { JsonObject, Path } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';
import { ownersOf, specType } from './story.ts';

const REPLICAS: Path = [fieldElement('spec'), fieldElement('replicas')];
const pathOf = (apiVersion: string) =>
  apiVersion === 'apps/v1' ? REPLICAS : apiVersion === 'none/v1' ? [] : undefined;
const scaleType = specType({ type: 'object', properties: { replicas: { type: 'integer' } } });

function entry(manager: string, operation: string, fields: object, more: object = {}): JsonObject {
  const time = '2026-01-01T00:00:00Z';
  return {
    manager,
    operation,
    apiVersion: 'apps/v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': fields },
    ...more,
  };
}

const owners = (managedFields: readonly JsonObject[] | undefined) => ownersOf({ metadata: { managedFields } });
const replicas = { 'f:replicas': {} };

describe('the managers of a scale', () => {
  test('are those of the replicas, in its own version', () => {
    const parent = [entry('one', 'Apply', { ...replicas, 'f:paused': {} }), entry('u', 'Update', { 'f:paused': {} })];
    expect(owners(managersForScale(parent, pathOf))).toEqual({ 'one@autoscaling/v1': '.replicas' });
  });

  test('are none where an object has no replicas, or its version is not known', () => {
    const parent = [
      entry('one', 'Apply', replicas, { apiVersion: 'none/v1' }),
      entry('two', 'Apply', replicas, { apiVersion: 'x/v1' }),
    ];
    expect(managersForScale(parent, pathOf)).toBeUndefined();
  });
});

describe('a write to the scale', () => {
  const scale = (value: number, managedFields?: unknown) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'd', ...(managedFields !== undefined && { managedFields }) },
    spec: { replicas: value },
  });
  const write = (parent: readonly JsonObject[], from: number, to: number) => {
    const before = scale(from, managersForScale(parent, pathOf));
    const tracking = { typeOf: () => scaleType, convert: () => undefined, now: '2026-01-02T00:00:00Z' };
    const after = trackUpdate(before, scale(to), { ...tracking, manager: 'hpa', subresource: 'scale' });
    const { managedFields } = after['metadata'] as { managedFields?: unknown };
    return managersFromScale(parent, managedFields, 'apps/v1', pathOf);
  };

  test('takes the replicas and nothing else, and has no time', () => {
    const managers = write([entry('one', 'Apply', { ...replicas, 'f:paused': {} })], 1, 3);
    expect(owners(managers)).toEqual({
      'one@apps/v1': '.paused',
      'hpa@apps/v1/scale (Update)': '.replicas',
    });
    expect(managers?.at(-1)).not.toHaveProperty('time');
  });

  test('ends an entry that held nothing but the replicas', () => {
    expect(owners(write([entry('one', 'Apply', replicas)], 1, 2))).toEqual({
      'hpa@apps/v1/scale (Update)': '.replicas',
    });
  });

  test('of the same number takes nothing from an applier', () => {
    expect(owners(write([entry('one', 'Apply', replicas)], 1, 1))).toEqual({ 'one@apps/v1': '.replicas' });
  });

  test('drops managers of unknown versions, and keeps those without replicas', () => {
    const parent = [
      entry('one', 'Apply', replicas),
      entry('none', 'Apply', { 'f:x': {} }, { apiVersion: 'none/v1' }),
      entry('gone', 'Apply', { 'f:x': {} }, { apiVersion: 'x/v1' }),
    ];
    expect(Object.keys(owners(write(parent, 1, 1)))).toEqual(['none@none/v1', 'one@apps/v1']);
  });
});
