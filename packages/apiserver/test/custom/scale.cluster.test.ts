import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { scaleOf } from '../../src/custom/scale.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { ApiError } from '../../src/status.ts';
import { withResources } from './served.ts';
import { ask, complete, corpus, resourcesOf } from './support.ts';

describe('the scale of custom objects', () => {
  cluster.test('is what the real server makes of them', { timeout: 60_000 }, async ({ plane, namespace }) => {
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    const scalers = resourcesOf(group).filter(({ resource }) => resource.names.plural === 'scalers');
    await withResources(plane, scalers, async ([resource]) => {
      const paths = resource?.versions[0]?.scale;
      if (resource === undefined || paths === undefined) throw new Error('nothing scales');
      const bodies = (corpus('objects.yaml', group) as Readonly<Record<string, readonly DraftMap[]>>)['scalers'] ?? [];
      let compared = 0;
      for (const [index, body] of bodies.entries()) {
        const name = `n${String(index)}`;
        const path = `/apis/${group}/v1/namespaces/${namespace}/scalers`;
        const made = await ask(plane, 'POST', path, complete({ ...body, metadata: { name } }, resource));
        if (made.code !== 201) continue;
        const theirs = await ask(plane, 'GET', `${path}/${name}/scale`);
        expect(read(made.body as Draft, paths), name).toEqual({ code: theirs.code, body: theirs.body });
        compared += 1;
      }
      expect(compared).toBeGreaterThan(3);
    });
  });
});

function read(object: Draft, paths: Parameters<typeof scaleOf>[1]): unknown {
  try {
    return { code: 200, body: scaleOf(object, paths, 'refused') };
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, body: error.status };
    throw error;
  }
}
