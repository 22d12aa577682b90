import { expect } from 'vitest';
import { kubeData } from '@homeostat/kube/data';
import { cluster } from '../../../../test/support/cluster.ts';
import { builtinOpenApi } from '../../src/openapi/openapi-documents.ts';
import { openApiV2 } from '../../src/openapi/openapi-v2.ts';

interface Document {
  readonly paths: Readonly<Record<string, object>>;
  readonly definitions: Readonly<Record<string, unknown>>;
}

cluster.test('the second version of OpenAPI defines what the real one defines', async ({ raw }) => {
  const real = (await raw('GET', '/openapi/v2')).body as Document;
  const ours = JSON.parse(openApiV2(builtinOpenApi(kubeData())).body) as Document;
  // Options and events of watches belong to every group that there is, those of custom resources included.
  const general = /\.meta\.v1\.(?:DeleteOptions|WatchEvent)$/;
  const names = Object.keys(ours.definitions).filter((name) => !general.test(name));
  expect(names.length).toBeGreaterThan(600);
  for (const name of names)
    expect({ [name]: ours.definitions[name] }).toEqual({ [name]: withoutTexts(real.definitions[name]) });
  expect(Object.keys(ours.paths).filter((path) => !(path in real.paths))).toEqual([]);
});

function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, one]) => key !== 'description' || typeof one !== 'string');
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutTexts(one)]));
}
