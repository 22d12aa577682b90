import { kubeData } from '@homeostat/kube/data';
import type { ResourceData } from '@homeostat/kube/data';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { readServer } from '../scripts/read-server.ts';
import type { ServedResource } from '../scripts/read-server.ts';

cluster.test('the data is what the server itself tells', async ({ client }) => {
  const served = await readServer(async (path, accept) => {
    const answer = await client.request({ method: 'GET', path, headers: { accept } });
    return JSON.parse(answer.body);
  });
  const { version, schemas, groupVersions } = kubeData();
  expect(served.version).toBe(version);
  expect(served.schemas).toEqual(schemas);
  expect(served.groupVersions).toEqual(
    groupVersions.map(({ resources, ...own }) => ({ ...own, resources: resources.map(told) })),
  );
});

/** A resource without what must be tried. */
function told({
  tracksGeneration: _generation,
  needsResourceVersion: _version,
  createsOnUpdate: _creates,
  deleteAnswer: _answer,
  fieldLabels: _labels,
  ...rest
}: ResourceData): ServedResource {
  return rest;
}
