import { readFileSync } from 'node:fs';
import { kubeData } from '@homeostat/kube/data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecodeError } from '../../src/decode/decode-error.ts';
import { createDecoder } from '../../src/decode/decoder.ts';
import { startWorld } from '../wire.ts';
import type { World } from '../wire.ts';
import { envelope, field, message, varint } from './bytes.ts';
import { pathOf, PROTOBUF, shown, typeOf } from './forms.ts';
import { hostileCases } from './hostile-cases.ts';
import type { Case } from '../kinds/replay.ts';

interface Recorded {
  readonly title: string;
  readonly protobuf: string;
  readonly json: Case['object'];
}

const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as readonly Recorded[];
const data = kubeData();
const decoder = createDecoder(data);
const MAPS = '/api/v1/namespaces/default/configmaps';
const named = (name: string): Buffer => field(1, field(1, name));

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const post = (path: string, body: Uint8Array) => world.ask(path, { method: 'POST', type: PROTOBUF, body });

/** What is read of one object of a kind, envelope and all. */
function read(apiVersion: string, kind: string, ...fields: readonly Uint8Array[]): Record<string, unknown> {
  const type = typeOf({ apiVersion, kind, metadata: {} }, data);
  return decoder.readProtobuf(envelope(apiVersion, kind, ...fields), type);
}

test.each(recorded)('$json.kind as a real server writes it is read as its JSON: $title', ({ protobuf, json }) => {
  const type = typeOf(json, data);
  const value = decoder.readProtobuf(Buffer.from(protobuf, 'base64'), type);
  expect(shown(decoder.decode(value, type).object)).toEqual(shown(json));
});

test('every kind is stored from protobuf as from JSON', async () => {
  for (const { title, protobuf, json } of recorded) {
    const path = `${pathOf({ object: json }, 'default', data)}?dryRun=All`;
    const [fromProtobuf, fromJson] = [
      await post(path, Buffer.from(protobuf, 'base64')),
      await world.ask(path, { method: 'POST', body: json }),
    ];
    expect(fromProtobuf.status, title).toBe(fromJson.status);
    if (fromJson.status === 201) expect(shown(fromProtobuf.body), title).toEqual(shown(fromJson.body));
    // The labels and the selector of a Job belong to the uid that the real server gave it.
    else expect(withoutUids(fromProtobuf.body['message']), title).toBe(withoutUids(fromJson.body['message']));
  }
});

function withoutUids(said: unknown): string {
  return String(said).replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>');
}

// The cluster test asks a real server the same.
test.each(hostileCases)('$title is answered as a real server does', async ({ body, code, message: said }) => {
  const answer = await post(`${MAPS}?dryRun=All&fieldValidation=Strict`, body);
  expect(answer.status).toBe(code);
  expect(answer.body['message']).toEqual(said instanceof RegExp ? expect.stringMatching(said) : said);
});

test('what the real server ends a connection for is refused', async () => {
  const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';
  const noJson = field(2, field(1, '{not json'));
  expect((await post(revisions, envelope('apps/v1', 'ControllerRevision', named('a'), noJson))).status).toBe(400);
  const port = field(2, field(1, message(field(3, 80), field(4, field(1, 7)))));
  const services = '/api/v1/namespaces/default/services';
  expect((await post(services, envelope('v1', 'Service', named('a'), port))).body['message']).toContain(
    'impossible IntOrString.Type',
  );
});

test('quantities are read by the message of JSON', async () => {
  const limit = (...quantity: Uint8Array[]): Uint8Array =>
    envelope(
      'v1',
      'LimitRange',
      named('l'),
      field(2, field(1, message(field(1, 'Container'), field(2, message(field(1, 'cpu'), ...quantity))))),
    );
  const limits = '/api/v1/namespaces/default/limitranges?dryRun=All';
  expect((await post(limits, limit(field(2, field(1, 'abc'))))).body['message']).toMatch(
    /^LimitRange in version "v1" .*: quantities must match the regular expression/,
  );
  expect((await post(limits, limit())).body).toMatchObject({ spec: { limits: [{ max: { cpu: '0' } }] } });
});

test('a field that comes twice counts as Go counts it', () => {
  expect(
    read(
      'v1',
      'ConfigMap',
      field(1, message(field(1, 'a'), field(14, 'one'))),
      field(1, message(field(2, 'b-'), field(14, 'two'))),
      field(2, message(field(1, 'k'), field(2, '1'))),
      field(2, message(field(1, 'k'), field(2, '2'))),
      field(2, message(field(2, 'no key'))),
      field(2, message(field(1, '__proto__'))),
      field(4, 0),
      field(4, 2),
    ),
  ).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', generateName: 'b-', finalizers: ['one', 'two'] },
    data: JSON.parse('{"k":"2","":"no key","__proto__":""}') as object,
    immutable: true,
  });
});

test('numbers, times and what is no text keep their value', () => {
  const pod = read(
    'v1',
    'Pod',
    field(1, message(field(7, -1), field(8, field(1, 1_700_000_000)), field(9, message()))),
    field(
      2,
      message(
        field(5, 2n ** 53n + 1n),
        field(25, -(2n ** 31n)),
        field(14, message(field(4, varint(1)), field(4, 300))),
      ),
    ),
    field(3, message(field(2, message(field(3, field(1, -62_135_596_800)))))),
  );
  expect(pod['metadata']).toEqual({
    generation: -1,
    creationTimestamp: '2023-11-14T22:13:20Z',
    deletionTimestamp: null,
  });
  expect(pod['spec']).toEqual({
    activeDeadlineSeconds: 2n ** 53n + 1n,
    priority: -(2 ** 31),
    // Packed or not.
    securityContext: { supplementalGroups: [1, 300] },
  });
  expect(pod['status']).toEqual({ conditions: [{ lastProbeTime: null }] });
  const lease = read(
    'coordination.k8s.io/v1',
    'Lease',
    field(2, field(4, message(field(1, 1_700_000_000), field(2, -1_000)))),
  );
  expect(lease['spec']).toEqual({ renewTime: '2023-11-14T22:13:19.999999Z' });
  expect(read('v1', 'Secret', field(2, message(field(1, 'a'), field(2, Buffer.from([0xff, 0])))))['data']).toEqual({
    a: '/wA=',
  });
  expect(read('v1', 'ConfigMap', field(2, message(field(1, 'a'), field(2, Buffer.from([0xff])))))['data']).toEqual({
    a: '\ufffd',
  });
});

test('whatever is cut off or changed in a message, it is an object or an error, and soon', () => {
  const seed = Number(process.env['SEED'] ?? Date.now());
  console.log(`SEED=${String(seed)}`);
  let state = seed >>> 0;
  const random = (below: number): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % below;
  const start = performance.now();
  for (const { protobuf, json } of recorded) {
    const type = typeOf(json, data);
    const body = Buffer.from(protobuf, 'base64');
    for (let times = 0; times < 60; times++) {
      const wrong = Buffer.from(times < 20 ? body.subarray(0, random(body.length)) : body);
      if (wrong.length > 0) for (let flips = times % 4; flips > 0; flips--) wrong[random(wrong.length)] = random(256);
      try {
        decoder.decode(decoder.readProtobuf(wrong, type), type);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
  }
  expect(performance.now() - start).toBeLessThan(20_000);
});

/** Number of `not` in a JSON schema. */
const NOT = 28;

test('no nesting and no size takes the server away', async () => {
  let schema: Buffer = message();
  for (let depth = 0; depth < 5000; depth++) schema = field(NOT, schema);
  const definition = envelope(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    named('a'),
    field(2, field(7, field(4, field(1, schema)))),
  );
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  expect((await post(definitions, definition)).status).toBe(400);
  const many = Buffer.alloc(3_000_000, field(2, message()));
  const start = performance.now();
  expect((await post(MAPS, envelope('v1', 'ConfigMap', named('many'), many))).body).toMatchObject({
    code: 422,
    details: { causes: [{ field: 'data[]' }] },
  });
  expect(performance.now() - start).toBeLessThan(10_000);
  expect((await world.ask('/readyz')).text).toBe('ok');
});

test('what is posted to objects may be protobuf: options, evictions, bindings, scales, requests for tokens', async () => {
  const pods = '/api/v1/namespaces/default/pods';
  const containers = field(2, field(2, message(field(1, 'c'), field(2, 'i'))));
  for (const name of ['bound', 'evicted']) {
    expect((await post(pods, envelope('v1', 'Pod', named(name), containers))).status).toBe(201);
  }
  const binding = envelope('v1', 'Binding', named('bound'), field(2, message(field(1, 'Node'), field(3, 'n'))));
  expect((await post(`${pods}/bound/binding`, binding)).status).toBe(201);
  expect((await world.ask(`${pods}/bound`)).body).toMatchObject({ spec: { nodeName: 'n' } });
  const other = await post(`${pods}/evicted/eviction`, envelope('v1', 'Foo', named('evicted')));
  expect(other.body['message']).toMatch(
    /^Foo in version "v1" cannot be handled as a Eviction: no kind "Foo" is registered/,
  );
  expect((await post(`${pods}/evicted/eviction`, envelope('policy/v1', 'Eviction', named('evicted')))).status).toBe(
    201,
  );

  const token = envelope('authentication.k8s.io/v1', 'TokenRequest', field(2, field(4, 700)));
  expect((await post('/api/v1/namespaces/default/serviceaccounts/default/token', token)).body).toMatchObject({
    spec: { expirationSeconds: 700 },
  });

  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const labels = field(1, message(field(1, 'a'), field(2, 'b')));
  const template = field(3, message(field(1, field(11, message(field(1, 'a'), field(2, 'b')))), containers));
  const deployment = envelope('apps/v1', 'Deployment', named('d'), field(2, message(field(2, labels), template)));
  expect((await post(deployments, deployment)).status).toBe(201);
  const scale = envelope('autoscaling/v1', 'Scale', named('d'), field(2, field(1, 3)));
  const scaled = await world.ask(`${deployments}/d/scale`, { method: 'PUT', type: PROTOBUF, body: scale });
  expect(scaled.body).toMatchObject({ spec: { replicas: 3 } });
});

test('options of a deletion are those of any group', async () => {
  await post(MAPS, envelope('v1', 'ConfigMap', named('kept')));
  const remove = (body: Uint8Array) => world.ask(`${MAPS}/kept`, { method: 'DELETE', type: PROTOBUF, body });
  for (const version of ['v1', 'apps/v1']) {
    expect((await remove(envelope(version, 'DeleteOptions', field(5, 'All')))).status).toBe(200);
  }
  // Recorded from Kubernetes 1.37.2.
  const registered = /^no kind "\w+" is registered for version "v1" in scheme "pkg\/runtime\/scheme.go:111"$/;
  for (const [body, why] of [
    [envelope('v1', 'ConfigMap', named('kept')), registered],
    [envelope('v1', 'Foo'), registered],
    [envelope('v1', 'DeleteOptions', field(5, 'All').subarray(0, -1)), /^unexpected EOF$/],
    [Buffer.from('garbage'), /^provided data does not appear to be a protobuf message/],
  ] as const) {
    expect((await remove(body)).body).toMatchObject({ code: 400, message: expect.stringMatching(why) as string });
  }
  const uid = field(2, field(1, 'another'));
  expect((await remove(envelope('v1', 'DeleteOptions', uid))).status).toBe(409);
  expect((await remove(envelope('v1', 'DeleteOptions'))).status).toBe(200);
});

test('custom resources and patches are not sent as protobuf', async () => {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const names = { plural: 'widgets', kind: 'Widget' };
  await world.ask('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    method: 'POST',
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  });
  const widgets = '/apis/example.com/v1/namespaces/default/widgets';
  await expect.poll(async () => (await world.ask(widgets)).status).toBe(200);
  expect((await post(widgets, envelope('example.com/v1', 'Widget', named('w')))).body).toMatchObject({
    code: 415,
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  });
  const map = envelope('v1', 'ConfigMap', named('kept'));
  expect((await world.ask(`${MAPS}/kept`, { method: 'PATCH', type: PROTOBUF, body: map })).status).toBe(415);
});
