import { keepTimes } from '@homeostat/merge';
import { expect, test } from 'vitest';

const entry = (time: string, field = 'f:a') => ({ manager: 'm', operation: 'Apply', time, fieldsV1: { [field]: {} } });
const object = (managedFields: readonly object[] | undefined, data: object = { a: '1' }) => ({
  apiVersion: 'v1',
  metadata: { name: 'n', ...(managedFields && { managedFields }) },
  data,
});

test('times alone are no change', () => {
  const live = object([entry('1')]);
  expect(keepTimes(live, object([entry('2')]))).toEqual(live);
});

test.each([
  ['a field', object([entry('2')], { a: '2' })],
  ['an owner', object([entry('2', 'f:b')])],
  ['the number of owners', object([entry('2'), entry('2')])],
  ['no owner any more', object(undefined)],
])('a change of %s keeps its time', (_, next) => {
  expect(keepTimes(object([entry('1')]), next)).toBe(next);
});
