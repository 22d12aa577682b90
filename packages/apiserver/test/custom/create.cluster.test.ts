import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { isMap } from '../../src/draft.ts';
import type { DraftMap } from '../../src/draft.ts';
import { randomValue, seeded } from './random-object.ts';
import { ask, comparable, complete, corpus, create, inOrder, resourcesOf } from './support.ts';
import type { FieldValidation } from './support.ts';
import type { CustomResource } from '../../src/custom/custom-resource.ts';
import { withResources } from './served.ts';

/** Random objects of every resource. */
const ROUNDS = 150;

describe('creating custom objects', () => {
  cluster.test(
    'gives the object or the refusal of the real server',
    { timeout: 240_000 },
    async ({ plane, namespace }) => {
      const group = `c${randomBytes(5).toString('hex')}.example.com`;
      await withResources(plane, resourcesOf(group), async (resources) => {
        const bodies = corpus('objects.yaml', group) as Readonly<Record<string, readonly DraftMap[]>>;
        const differences: unknown[] = [];
        let compared = 0;
        for (const resource of resources) {
          for (const [index, body] of (bodies[resource.names.plural] ?? []).entries()) {
            const object = complete(body, resource);
            const version =
              resource.versions.find((one) => one.apiVersion === object.apiVersion) ?? resource.versions[0];
            if (version === undefined) throw new Error('no version');
            for (const mode of ['Strict', 'Warn', 'Ignore'] as const) {
              const path = pathOf(resource, version.name, namespace, mode);
              const theirs = comparable(
                withoutDeprecation(await ask(plane, 'POST', path, object), version.deprecation),
              );
              const ours = comparable(create(object, resource, version, mode));
              compared += 1;
              if (inOrder(ours) !== inOrder(theirs)) {
                differences.push({ case: `${resource.names.plural}[${String(index)}] ${mode}`, body, theirs, ours });
                break;
              }
            }
          }
        }
        expect(differences).toEqual([]);
        expect(compared).toBeGreaterThan(400);
      });
    },
  );

  cluster.test('agrees about random objects', { timeout: 240_000 }, async ({ plane, namespace }) => {
    const seed = Number(process.env['SEED'] ?? randomBytes(4).readUInt32LE());
    console.info(`SEED=${String(seed)}`);
    const random = seeded(seed);
    const group = `c${randomBytes(5).toString('hex')}.example.com`;
    await withResources(plane, resourcesOf(group), async (resources) => {
      const differences: unknown[] = [];
      for (const resource of resources) {
        const version = resource.versions[0];
        if (version === undefined) throw new Error('no version');
        for (let round = 0; round < ROUNDS; round += 1) {
          const body = randomValue({ ...version.schema, required: ['spec'] }, random);
          if (!isMap(body)) continue;
          const { metadata: _, kind: __, apiVersion: ___, ...rest } = body;
          const object = complete(rest, resource);
          const mode = round % 3 === 0 ? 'Strict' : round % 3 === 1 ? 'Warn' : 'Ignore';
          const theirs = comparable(await ask(plane, 'POST', pathOf(resource, version.name, namespace, mode), object));
          const ours = comparable(create(object, resource, version, mode));
          if (inOrder(ours) !== inOrder(theirs)) differences.push({ body: rest, theirs, ours });
        }
      }
      expect(differences).toEqual([]);
    });
  });
});

function withoutDeprecation<A extends { readonly warnings: readonly string[] }>(
  answer: A,
  text: string | undefined,
): A {
  return { ...answer, warnings: answer.warnings.filter((warning) => warning !== text) };
}

function pathOf(resource: CustomResource, version: string, namespace: string, mode: FieldValidation): string {
  const scope = resource.namespaced ? `/namespaces/${namespace}` : '';
  return `/apis/${resource.group}/${version}${scope}/${resource.names.plural}?dryRun=All&fieldValidation=${mode}`;
}
