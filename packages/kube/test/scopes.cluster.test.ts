import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { servedKinds } from '../scripts/served-kinds.ts';
import { BUILTIN_KINDS } from '../src/builtin-kinds.ts';

cluster.test('the table of built-in kinds is what the server itself serves', async ({ raw }) => {
  const served = await servedKinds(async (path) => {
    const { status, body } = await raw('GET', path);
    expect(status, path).toBe(200);
    return body;
  });
  expect(served).toEqual(BUILTIN_KINDS);
});
