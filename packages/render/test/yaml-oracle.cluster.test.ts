import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { canonicalJson, parseJson } from '@homeostat/kube';
import { parseYaml, render, toYaml } from '@homeostat/render';
import { cluster } from '../../../test/support/cluster.ts';
import type { Kubectl } from '../../../test/support/cluster.ts';
import { memoryFiles, randomFrom, seedOf } from './support.ts';
import { jsonValue, keyCase, mutatedCase, scalarCase, structureCase } from './yaml-cases.ts';
import type { Random } from './yaml-cases.ts';
import { rows } from '../../../test/support/yaml-rows.ts';

type Fields = Record<string, unknown>;

const header = (index: number): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\n`;

/**
 * What kubectl reads from each text, a file for each and one call for all; `undefined` where it refuses. `label --local`
 * decodes files and prints them as JSON without asking a server.
 */
async function readWithKubectl(kubectl: Kubectl, texts: readonly string[]): Promise<(Fields | undefined)[]> {
  const directory = await mkdtemp(join(tmpdir(), 'yaml-oracle-'));
  try {
    await Promise.all(texts.map((text, index) => writeFile(join(directory, `c${index}.yaml`), header(index) + text)));
    const { stdout } = await kubectl(['label', '--local', '-f', directory, '-o', 'json', 'x=y']);
    const found = new Map<string, Fields>();
    for (const part of stdout.split(/^(?=\{$)/m)) {
      if (part.trim() === '') continue;
      const { apiVersion: _, kind: __, metadata, ...fields } = parseJson(part) as Fields;
      found.set((metadata as { name: string }).name, fields);
    }
    return texts.map((_, index) => found.get(`c${index}`));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What we read; `undefined` where we refuse. */
function readOurselves(text: string): Fields | undefined {
  const { documents, findings } = parseYaml(header(0) + text);
  const [document] = documents;
  if (document === undefined || documents.length > 1 || findings.some(({ severity }) => severity === 'error'))
    return undefined;
  const { apiVersion: _, kind: __, metadata: ___, ...fields } = document.value as Fields;
  return fields;
}

function same(a: Fields, b: Fields): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

cluster.test('every row of the table is what kubectl reads', async ({ kubectl }) => {
  const read = await readWithKubectl(
    kubectl,
    rows.map(({ yaml }) => yaml),
  );
  for (const [index, row] of rows.entries()) {
    const fields = read[index];
    if ('refused' in row) expect({ yaml: row.yaml, fields }).toEqual({ yaml: row.yaml, fields: undefined });
    else expect({ yaml: row.yaml, fields }).toMatchObject({ yaml: row.yaml, fields: { v: row.value } });
  }
});

describe('generated input is never read as another value than kubectl reads', () => {
  const kinds: Record<string, (random: Random) => string> = {
    'scalars and tags': scalarCase,
    keys: keyCase,
    structures: structureCase,
    'mutated structures': mutatedCase,
  };
  for (const [title, make] of Object.entries(kinds)) {
    cluster.test(title, async ({ kubectl }) => {
      const random = randomFrom(seedOf(title));
      const texts = Array.from({ length: 2500 }, () => make(random));
      const read = await readWithKubectl(kubectl, texts);
      const different = texts.flatMap((text, index) => {
        const theirs = read[index];
        const ours = readOurselves(text);
        return theirs === undefined || ours === undefined || same(theirs, ours) ? [] : [{ text, theirs, ours }];
      });
      expect(different).toEqual([]);
      // The generators must not only make what nobody reads.
      expect(read.filter((fields) => fields !== undefined).length).toBeGreaterThan(200);
    });
  }
});

cluster.test('scalars that kubectl takes are taken', async ({ kubectl }) => {
  const random = randomFrom(seedOf('accepted scalars'));
  const texts = Array.from({ length: 2500 }, () => scalarCase(random));
  const read = await readWithKubectl(kubectl, texts);
  const refused = texts.filter((text, index) => read[index] !== undefined && readOurselves(text) === undefined);
  // Tags with punctuation in them, which YAML 1.2 does not know.
  expect(refused.filter((text) => !/^v: !.*!/.test(text))).toEqual([]);
});

cluster.test('kubectl reads what toYaml writes as the same value', async ({ kubectl }) => {
  const random = randomFrom(seedOf('toYaml and kubectl'));
  const values = Array.from({ length: 2500 }, () => ({ v: jsonValue(random) }));
  const read = await readWithKubectl(
    kubectl,
    values.map((value) => toYaml(value)),
  );
  const different = values.flatMap((value, index) => {
    const fields = read[index];
    return fields !== undefined && same(fields, value) ? [] : [{ value, text: toYaml(value), fields }];
  });
  expect(different).toEqual([]);
});

cluster.test('lists, streams and JSON give the objects that kubectl finds in them', async ({ kubectl }) => {
  const files = {
    'a.yaml':
      '# head\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a1}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a2}}\n--- # next\n',
    'b.yaml':
      'apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: b1}\n- metadata: {name: b2}\n  data: {x: |\n  ---\n  }\n',
    'c.json':
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c1"}}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c2"}}',
    'd.yaml':
      '\ufeffapiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: d1\r\n---\r\n\ufeffapiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: d2\r\n',
  };
  const directory = await mkdtemp(join(tmpdir(), 'yaml-oracle-'));
  try {
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
    const { stdout } = await kubectl(['label', '--local', '-f', directory, '-o', 'name', 'x=y']);
    const { objects } = await render(memoryFiles(files));
    const ours = objects.map(({ object }) => `${object.kind.toLowerCase()}/${object.metadata.name}`);
    expect(ours).toEqual(stdout.trim().split('\n'));
  } finally {
    await rm(directory, { recursive: true });
  }
});

cluster.test(
  'the server takes a label without value as an empty one, and refuses a boolean',
  async ({ kubectl, namespace }) => {
    const apply = (labels: string) =>
      kubectl(['apply', '--server-side', '-n', namespace, '-o', 'json', '-f', '-'], {
        stdin: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: ${labels}}\n`,
      });
    expect(JSON.parse((await apply('{app: }')).stdout)).toMatchObject({ metadata: { labels: { app: '' } } });
    expect((await apply('{app: yes}')).code).not.toBe(0);
  },
);
