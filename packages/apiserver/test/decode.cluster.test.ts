import { Agent, request } from 'node:https';
import { parseJson, stringifyJson } from '@homeostat/kube';
import { kubeData } from '@homeostat/kube/data';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { DecodeError, refusalOf } from '../src/decode/decode-error.ts';
import { createDecoder } from '../src/decode/decoder.ts';
import type { Decoded } from '../src/decode/decoder.ts';
import { parseBody } from '../src/decode/parse-body.ts';
import { seeded } from './custom/random-object.ts';
import { decodeBases } from './decode-bases.ts';
import type { DecodeBase } from './decode-bases.ts';
import { oddText } from './decode-cases.ts';
import type { Random } from './decode-cases.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = 12;
const data = kubeData();
const decoder = createDecoder(data);

cluster.test('odd bodies are refused in the words of the real server', async ({ plane, namespace }) => {
  const server = connect(plane, namespace);
  await forOddBodies(true, async (base, text, title) => {
    const real = await server.create(base, text, { fieldValidation: 'Strict' });
    expect(ours(base, text).strict, title).toBe(real.refusal);
  });
  server.close();
});

cluster.test('unknown and repeated fields are warned of as the real server does', async ({ plane, namespace }) => {
  const server = connect(plane, namespace);
  await forOddBodies(true, async (base, text, title) => {
    const real = await server.create(base, text, { fieldValidation: 'Warn' });
    const { decoded } = ours(base, text);
    const warnings = real.warnings.filter((warning) => /^(?:unknown|duplicate) field|^yaml:/.test(warning));
    if (decoded !== undefined) expect(decoded.strictErrors, title).toEqual(warnings);
  });
  server.close();
});

/**
 * Defaults are not the decoder's. So the decoded object goes to the server once more, which must make the same of it as of
 * the first text; and what it answers, defaults included, must decode to itself.
 */
cluster.test('what is decoded is what the real server stores, defaults aside', async ({ plane, namespace }) => {
  const server = connect(plane, namespace);
  let stored = 0;
  await forOddBodies(false, async (base, text, title) => {
    const real = await server.create(base, text, { fieldValidation: 'Ignore' });
    if (real.object === undefined) return;
    stored++;
    const { decoded } = ours(base, text);
    const again = await server.create(base, stringifyJson(decoded?.object), { fieldValidation: 'Strict' });
    expect(again.object, title).toEqual(real.object);
    expect(withoutIdentity(decoder.decode(real.object, base.type).object), title).toEqual(real.object);
    const lost = missing(decoded?.object, real.object).filter(
      (path) => !DECIDED_BY_KINDS.test(path) && !SWITCHED_OFF.test(path),
    );
    expect(lost, `${title}: kept by us alone`).toEqual([]);
  });
  expect(stored, 'objects compared').toBeGreaterThan(ROUNDS * 5);
  server.close();
});

/** What the server changes or drops after decoding, by the end of its path: statuses, defaults for zeros, what has no effect. */
const DECIDED_BY_KINDS =
  /^status\.|^metadata\.namespace$|\.targetPort$|\.sessionAffinityConfig$|\.dataSource(?:Ref)?$|^stringData$|^data\./;
/** Fields of features that are off in 1.37: dropped, whatever they hold. */
const SWITCHED_OFF =
  /\.(?:schedulingGroup|scheduling|emptyDir\.mode|lifecycle|evictionResponders|preferredHolder|strategy|configSource|podPreemptionPolicy)$/;

cluster.test('broken JSON is refused in the words of the real server', async ({ plane, namespace }) => {
  const server = connect(plane, namespace);
  const random = randomOf(seed);
  const texts = [
    ...BROKEN,
    ...DEEP,
    ...Array.from({ length: 300 }, () => broken(JSON.stringify(JSON_BASE), random, JSON_SALT)),
  ];
  const base = decodeBases[0] as DecodeBase;
  for (const text of texts) {
    const real = await server.create(base, text, { fieldValidation: 'Strict' });
    expect(ours(base, text).strict, `SEED=${String(seed)} ${text.slice(0, 300)}`).toBe(real.refusal);
  }
  server.close();
});

cluster.test('YAML bodies mean what they mean to the real server', async ({ plane, namespace }) => {
  const server = connect(plane, namespace);
  const base = decodeBases[0] as DecodeBase;
  for (const text of YAML) {
    const real = await server.create(base, text, { fieldValidation: 'Strict', contentType: 'application/yaml' });
    const { strict, decoded } = ours(base, text, 'application/yaml');
    expect(strict, text).toBe(real.refusal);
    if (real.object !== undefined) expect(decoded?.object['data'], text).toEqual(real.object['data']);
  }
  server.close();
});

const JSON_BASE = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', labels: { a: 'b\n\u0001' }, generation: -12.5 },
  data: { a: 'x', b: 'true' },
  immutable: true,
  x: [1, null, false, {}],
};
const JSON_SALT = '{}[]",:\\ute01-.+ \n\tax\u00e9\u0001';

/** Texts that Go refuses at every place of its grammar, and bodies that say of themselves what they are not. */
const BROKEN =
  String.raw`| |[]|5|"a"|true|{|{"a"|{"a":|{"a":}|[1,|-|1.|1e|tru|"a|{"a":"\|{'a':1}|{"a":01}|{"a":1.}|{"a":1e+}|{"a":-}|{"a":"\x"}
|{"a":"\u12G4"}|{} x|{"kind":5}|{"kind":null}|{"apiVersion":"a/b/c"}|{"kind":"Nope"}|{"apiVersion":"v2"}|{"Kind":"Secret"}
|{"apiVersion":"v1","kind":"List","items":[]}|{"kind":"Secret","data":{"a":5}}|{"metadata":{},"metadata":[]}|﻿{}
|{"metadata":{"name":"x"},"data":{"\\":"a","a\u003e":"b","__proto__":"c"}}`.split('|');
const DEEP = [10_000, 10_001].map(
  (depth) => `{"metadata":{"name":"x"},"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`,
);

const YAML = [
  'metadata: {name: x}\ndata: {a: "1", b: \'2\', c: text}\nimmutable: no\n',
  'metadata:\n  name: x\n  annotations: &a\n    a: |\n      text\n    b: >-\n      folded\n      text\ndata:\n  <<: *a\n  z: "1"\n',
  'metadata: {name: x}\ndata:\n  1: a\n  1.5: b\n  true: c\n  0x10: d\n  010: e\n  1_000: f\n  y: g\n',
  'metadata: {name: x}\ndata:\n  a: "x"\n  b: "y"\n  a: "z"\nfoo: 1\nbar: 2\n',
  'metadata: {name: x}\ndata:\n  a: 1\n',
  'metadata: {name: y}\n',
  'metadata: {name: x}\ndata: {a: ~, b: null, c: ""}\n',
  'metadata: {name: x}\n---\nmetadata: {name: z}\n',
  '',
  '{"metadata":{"name":"x"},"data":{"a":"b"}}',
];

function broken(text: string, random: Random, salt: string): string {
  const at = random(text.length);
  switch (random(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return `${text.slice(0, at)}${salt.charAt(random(salt.length))}${text.slice(at)}`;
    default:
      return text.slice(0, at) + text.slice(at, at + random(12)) + text.slice(at);
  }
}

async function forOddBodies(
  wrong: boolean,
  compare: (base: DecodeBase, text: string, title: string) => Promise<void>,
): Promise<void> {
  const random = randomOf(seed);
  for (let round = 0; round < ROUNDS; round++) {
    for (const base of decodeBases) {
      const { group, version, kind, component } = base.type;
      const object = { apiVersion: group === '' ? version : `${group}/${version}`, kind, ...base.object };
      const text = oddText(object, component, { data, random, wrong });
      await compare(base, text, `SEED=${String(seed)} ${text}`);
    }
  }
}

function randomOf(start: number): Random {
  const next = seeded(start);
  return (limit) => Math.floor(next() * limit);
}

/** What we make of a body, and how a strict server of ours would refuse it; `undefined` when it would not. */
function ours(
  { type }: DecodeBase,
  text: string,
  contentType = 'application/json',
): { readonly decoded: Decoded | undefined; readonly strict: string | undefined } {
  const bytes = Buffer.from(text);
  try {
    const body = parseBody(bytes, contentType);
    const decoded = decoder.decode(body.value, type, body.notes);
    const found = decoded.strictErrors.join(', ');
    const strict = new DecodeError('WRONG_VALUE', `strict decoding error: ${found}`, type);
    return { decoded, strict: found === '' ? undefined : refusalOf(strict, type.kind, bytes) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { decoded: undefined, strict: refusalOf(error, type.kind, bytes) };
  }
}

interface Answer {
  /** How the body was refused; what validation and admission say does not count. */
  readonly refusal: string | undefined;
  /** Without what makes it one of its own. */
  readonly object: Readonly<Record<string, unknown>> | undefined;
  readonly warnings: readonly string[];
}

interface Server {
  create(
    base: DecodeBase,
    text: string,
    options: { readonly fieldValidation: string; readonly contentType?: string },
  ): Promise<Answer>;
  close(): void;
}

/** Creates with dryRun, past all our code: it must see the headers of every answer. */
function connect(plane: { readonly server: string; readonly adminToken: string }, namespace: string): Server {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  return {
    create: ({ type, plural, namespaced }, text, { fieldValidation, contentType = 'application/json' }) => {
      const root = type.group === '' ? '/api/v1' : `/apis/${type.group}/${type.version}`;
      const scope = namespaced ? `/namespaces/${namespace}` : '';
      const path = `${root}${scope}/${plural}?dryRun=All&fieldValidation=${fieldValidation}`;
      const headers = { authorization: `Bearer ${plane.adminToken}`, 'content-type': contentType };
      return new Promise((resolve, reject) => {
        const sent = request(new URL(path, plane.server), { method: 'POST', agent, headers }, (answer) => {
          let body = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          answer.once('error', reject);
          answer.once('end', () => resolve(answerOf(answer.statusCode ?? 0, body, answer.headersDistinct['warning'])));
        });
        sent.once('error', reject);
        sent.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}

function answerOf(status: number, text: string, warnings: readonly string[] = []): Answer {
  const body = parseJson(text) as Record<string, unknown>;
  const message = typeof body['message'] === 'string' ? body['message'] : '';
  const isDecoding = status === 400 && /cannot be handled as|is unrecognized|does not match the expected/.test(message);
  return {
    refusal: isDecoding ? message : undefined,
    object: status === 201 ? withoutIdentity(body) : undefined,
    warnings: warnings.map((warning) => JSON.parse(warning.replace(/^299 - /, '')) as string),
  };
}

/** A copy without what every answer has anew. */
function withoutIdentity(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const copy = structuredClone(object) as Record<string, unknown>;
  const text = stringifyJson(copy).replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'UID');
  const parsed = parseJson(text) as { readonly metadata: Record<string, unknown> } & Record<string, unknown>;
  delete parsed.metadata['creationTimestamp'];
  delete parsed.metadata['managedFields'];
  return parsed;
}

/** Paths of what `part` has, and `whole` has not or otherwise. */
function missing(part: unknown, whole: unknown, path = ''): string[] {
  if (typeof part !== 'object' || part === null || typeof whole !== 'object' || whole === null)
    return stringifyJson(part) === (whole === undefined ? '' : stringifyJson(whole)) ? [] : [path];
  return Object.entries(part).flatMap(([key, inner]) =>
    missing(inner, (whole as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  );
}
