import {
  apply,
  at,
  del,
  get,
  jsonPatch,
  merge,
  post,
  put,
  read,
  script,
  strategic,
  unordered,
  watch,
} from '../script.ts';
import type { Request, Script, Step } from '../script.ts';

const CRDS = 'apiextensions.k8s.io/v1/customresourcedefinitions';
const CRD = `${CRDS} ws.{id}.io`;
const WS = '{id}.io/v1/ws';
const VS = '{id}.io/v1/vs';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

type Map = Readonly<Record<string, unknown>>;

const schema: Map = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['n'],
      properties: {
        n: { type: 'integer', minimum: 1, maximum: 10 },
        s: { type: 'string', pattern: '^[a-z]*$', maxLength: 5, default: 'abc' },
        e: { type: 'string', enum: ['x', 'y'] },
        b: { type: 'boolean', nullable: true },
        nn: { type: 'string', default: 'd' },
        f: { type: 'number', multipleOf: 0.5 },
        d: { type: 'string', format: 'date-time' },
        l: { type: 'array', maxItems: 2, items: { type: 'string' } },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        map: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: {
            type: 'object',
            required: ['k'],
            properties: { k: { type: 'string' }, v: { type: 'string', default: 'dv' } },
          },
        },
        atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        ios: { 'x-kubernetes-int-or-string': true },
        inner: { type: 'object', properties: { x: { type: 'integer', default: 5 } } },
        replicas: { type: 'integer' },
        selector: { type: 'string' },
        obj: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: {
      type: 'object',
      properties: { replicas: { type: 'integer' }, selector: { type: 'string' }, phase: { type: 'string' } },
    },
  },
};

function crd(more: Map = {}, version: Map = {}): Map {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'ws.{id}.io' },
    spec: {
      group: '{id}.io',
      scope: 'Namespaced',
      names: { plural: 'ws', kind: 'W' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
      ...more,
    },
  };
}

const full = crd(
  { names: { plural: 'ws', kind: 'W', shortNames: ['dubya'], categories: ['all'] } },
  {
    subresources: {
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    },
    additionalPrinterColumns: [
      { name: 'N', type: 'integer', jsonPath: '.spec.n' },
      { name: 'S', type: 'string', jsonPath: '.spec.s', priority: 1, description: 'An S' },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
      { name: 'Made', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      { name: 'List', type: 'string', jsonPath: '.spec.l' },
      { name: 'Ready', type: 'string', jsonPath: '.spec.map[?(@.k=="a")].v' },
    ],
  },
);

function w(name: string, spec: unknown = { n: 1 }, metadata: Map = {}, more: Map = {}): Map {
  return {
    apiVersion: '{id}.io/v1',
    kind: 'W',
    metadata: { name, ...metadata },
    ...(spec !== undefined && { spec }),
    ...more,
  };
}

/** Makes the CRD and waits until its objects can be made. */
function defined(definition: Map): readonly Step[] {
  return [post(CRDS, definition), get(CRD, { untilSeen: (body) => established(body) }), get(WS, { until: 200 })];
}

const gone: readonly Request[] = [del(CRD, undefined, { unseen: true })];

export function customScripts(): readonly Script[] {
  const a = `${WS} a`;
  return [
    script('custom resources', 'every verb', [
      ...defined(full),
      watch('w', WS, 'fieldSelector=metadata.name=a'),
      get(a),
      post(WS, w('a'), { label: 'made' }),
      post(WS, w('a')),
      get(a),
      get(WS),
      get(WS, { accept: TABLE }),
      get(a, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
      get(WS, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
      get(a, { accept: 'application/yaml' }),
      put(a, w('a', { n: 2 })),
      put(a, w('a', { n: 2 }, { resourceVersion: '{{made.metadata.resourceVersion}}' })),
      put(a, w('a', { n: 3 }, { resourceVersion: '{{made.metadata.resourceVersion}}' })),
      merge(a, { spec: { n: 4 } }),
      merge(a, { metadata: { labels: { a: 'b' } } }),
      merge(a, {}),
      strategic(a, { spec: { n: 5 } }),
      jsonPatch(a, [{ op: 'replace', path: '/spec/n', value: 6 }]),
      apply('m', a, w('a', { n: 6 })),
      apply('m', a, w('a', { n: 7 })),
      apply('m', a, w('a', { n: 7 }), { query: 'force=true' }),
      put(`${WS} none`, w('none')),
      apply('m', `${WS} b`, w('b', { n: 1, map: [{ k: 'a' }, { k: 'b', v: 'c' }], l: ['x', 'y'] })),
      get(WS, { accept: TABLE }),
      get(WS, { accept: TABLE, query: 'includeObject=Object' }),
      get(WS, { query: 'limit=1', label: 'page' }),
      get(WS, { query: 'limit=1&continue={{page.metadata.continue}}' }),
      get(WS, { query: 'fieldSelector=metadata.name=b' }),
      get(WS, { query: 'fieldSelector=spec.n=1' }),
      get(WS, { query: 'labelSelector=a=b' }),
      del(a),
      read('w', 5),
      post(WS, w('c', { n: 1 }, { finalizers: ['a.b/c'] })),
      del(`${WS} c`),
      merge(`${WS} c`, { metadata: { finalizers: ['a.b/c', 'a.b/d'] } }),
      merge(`${WS} c`, { metadata: { finalizers: null } }),
      del(WS, undefined, { query: 'labelSelector=none' }),
      del(WS),
      get('/apis/{id}.io/v1/ws'),
      post('/apis/{id}.io/v1/ws', w('x')),
      ...gone,
    ]),
    script('custom resources', 'values that its schema refuses, drops and adds', [
      ...defined(full),
      ...[
        { n: 'x' },
        { n: 0 },
        { n: 11 },
        { n: 1.5 },
        { n: 1, s: 'ABC' },
        { n: 1, s: 'abcdef' },
        { n: 1, e: 'z' },
        { n: 1, b: null, nn: null },
        { n: 1, f: 0.3 },
        { n: 1, f: 1.5 },
        { n: 1, d: 'yesterday' },
        { n: 1, d: '2020-01-01T00:00:00Z' },
        { n: 1, l: ['a', 'b', 'c'] },
        { n: 1, l: [1] },
        { n: 1, l: 'x' },
        { n: 1, set: ['a', 'a'] },
        { n: 1, map: [{ k: 'a' }, { k: 'a' }] },
        { n: 1, map: [{ v: 'a' }] },
        { n: 1, map: [{ k: 'a' }, { k: 'b', v: 'x' }] },
        { n: 1, atomic: { a: 1 } },
        { n: 1, labels: { a: 'b' } },
        { n: 1, any: { x: { y: [1] } } },
        { n: 1, ios: 5 },
        { n: 1, ios: '5%' },
        { n: 1, ios: true },
        { n: 1, inner: {} },
        { n: 1, inner: { x: null } },
        { n: 1, inner: null },
        { n: 1, unknown: 1 },
        {},
        null,
        'x',
        [],
        { n: 1, obj: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', foo: 1 }, z: 1 } },
        { n: 1, obj: { kind: 'X' } },
        { n: 1, obj: {} },
      ].flatMap((spec, index): Step[] => [
        post(WS, w(`v${index}`, spec)),
        post(WS, w(`s${index}`, spec), { query: 'fieldValidation=Strict&dryRun=All' }),
      ]),
      post(WS, { apiVersion: '{id}.io/v1', kind: 'W', metadata: { name: 'nospec' } }),
      post(WS, w('extra', { n: 1 }, {}, { top: 1, status: { phase: 'x', replicas: 3 } })),
      post(WS, w('a', { n: 1, map: [{ k: 'a' }] })),
      merge(a, { spec: { n: 99 } }),
      merge(a, { spec: { n: null } }),
      merge(a, { spec: { s: null } }),
      merge(a, { spec: { zz: 1 } }),
      merge(a, { spec: { zz: 1 } }, { query: 'fieldValidation=Strict' }),
      merge(a, { spec: null }),
      apply('m', a, w('a', { n: 1, zz: 1 })),
      apply('m', a, w('a', { n: 'x' })),
      apply(
        'm',
        a,
        w('a', { n: 1, map: [{ k: 'b' }], set: ['a'], labels: { x: 'y' }, atomic: { a: 'b' }, any: { a: { b: 1 } } }),
      ),
      apply('n', a, w('a', { n: 1, map: [{ k: 'c' }], set: ['b'], labels: { z: 'y' } })),
      apply('n', a, w('a', { n: 1, atomic: { c: 'd' } })),
      apply('n', a, w('a', { n: 1, any: { a: { c: 1 } } })),
      apply('m', a, w('a', { n: 1 })),
      get(a),
      ...gone,
    ]),
    script('custom resources', 'metadata, kinds and bodies that are wrong', [
      ...defined(full),
      post(WS, { metadata: { name: 'a' }, spec: { n: 1 } }),
      post(WS, { kind: 'W', metadata: { name: 'a' }, spec: { n: 1 } }),
      post(WS, { ...w('a'), kind: 'X' }),
      post(WS, { ...w('a'), apiVersion: '{id}.io/v2' }),
      post(WS, { ...w('a'), apiVersion: 'v1' }),
      post(WS, w('A_B')),
      post(WS, { ...w('x'), metadata: {} }),
      post(WS, { ...w('x'), metadata: { generateName: 'g-' } }),
      post(WS, { ...w('x'), metadata: 'x' }),
      post(WS, { ...w('x'), metadata: { name: 'x', labels: { a: 1 } } }),
      post(WS, { ...w('x'), metadata: { name: 'x', foo: 1 } }),
      post(WS, { ...w('x'), metadata: { name: 'x', foo: 1 } }, { query: 'fieldValidation=Strict' }),
      post(WS, w('y', { n: 1 }, { labels: { 'a b': 'c' } })),
      post(WS, w('y', { n: 1 }, { resourceVersion: '5' })),
      post(WS, w('y', { n: 1 }, { namespace: 'other' })),
      { send: `POST ${at(WS)}`, text: '' },
      { send: `POST ${at(WS)}`, text: '{' },
      { send: `POST ${at(WS)}`, text: '[]' },
      { send: `POST ${at(WS)}`, text: 'null' },
      {
        send: `POST ${at(WS)}`,
        text: '{"apiVersion":"{id}.io/v1","kind":"W","metadata":{"name":"dup","name":"dup2"},"spec":{"n":1,"n":2,"zz":1}}',
      },
      {
        send: `POST ${at(WS)}?fieldValidation=Strict`,
        text: '{"apiVersion":"{id}.io/v1","kind":"W","metadata":{"name":"dup","name":"dup2"},"spec":{"n":1,"n":2,"zz":1}}',
      },
      {
        send: `POST ${at(WS)}`,
        text: 'apiVersion: {id}.io/v1\nkind: W\nmetadata: {name: yaml}\nspec: {n: 1}\n',
        type: 'application/yaml',
      },
      { send: `POST ${at(WS)}`, text: 'x', type: 'text/plain' },
      { send: `PATCH ${at(WS, 'yaml')}`, text: '{}', type: 'text/plain' },
      { send: `PUT ${at(WS)}`, body: w('a') },
      { send: `POST ${at(WS, 'yaml')}`, body: w('yaml') },
      { send: `OPTIONS ${at(WS)}` },
      { send: `HEAD ${at(WS)}` },
      get('{id}.io/v1/nope'),
      get('{id}.io/v2/ws'),
      get('{id}.io/v1/ws a nope'),
      get(WS, { as: 'someone' }),
      post('/apis/{id}.io/v1/namespaces/no-such-namespace/ws', w('a')),
      merge(`${WS} none`, {}),
      apply('m', `${WS} u`, w('u', { n: 1 }, { uid: 'x' })),
      apply('m', `${WS} u`, w('u', { n: 1 }, { foo: 1 })),
      apply('m', `${WS} u`, { kind: 'W', metadata: { name: 'u' } }),
      post(
        WS,
        { apiVersion: '{id}.io/v1', kind: 'W', metadata: { name: 'empty' }, spec: { n: 1 } },
        { query: 'dryRun=All' },
      ),
      ...gone,
    ]),
    script('custom resources', 'status and scale', [
      ...defined(full),
      post(WS, w('a', { n: 1 }, {}, { status: { phase: 'x' } })),
      get(`${a} status`),
      get(`${a} scale`),
      put(`${a} scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'a' },
        spec: { replicas: 2 },
      }),
      merge(`${a} scale`, { spec: { replicas: 3 } }),
      get(`${a} scale`),
      merge(a, { spec: { replicas: 4 } }),
      get(`${a} scale`),
      put(`${a} scale`, { metadata: { name: 'a' }, spec: { replicas: 5 } }),
      put(`${a} scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'a' },
        spec: { replicas: -5 },
      }),
      put(`${a} scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'b' },
        spec: { replicas: 5 },
      }),
      merge(`${a} status`, { status: { phase: 'y', replicas: 2, selector: 'a=b' } }, { agent: 'ctl/1' }),
      get(`${a} scale`),
      merge(`${a} status`, {
        metadata: { labels: { a: 'b' }, finalizers: ['a.b/c'] },
        spec: { n: 9 },
        status: { phase: 'z' },
      }),
      merge(`${a} status`, { status: { phase: 5 } }),
      merge(`${a} status`, { status: { zz: 5 } }),
      put(`${a} status`, w('a', { n: 1 }, {}, { status: { phase: 'w' } })),
      merge(a, { status: { phase: 'q' } }),
      apply('st', `${a} status`, w('a', undefined, {}, { status: { phase: 'q' } })),
      apply('st', `${a} status`, w('a', undefined, {}, { status: { phase: 'q' } }), { query: 'force=true' }),
      apply('sc', `${a} scale`, {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'a' },
        spec: { replicas: 7 },
      }),
      apply(
        'sc',
        `${a} scale`,
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 7 } },
        { query: 'force=true' },
      ),
      apply('m', a, w('a', { n: 1, replicas: 2 })),
      get(a),
      get(WS, { accept: TABLE }),
      get(`${WS} none status`),
      get(`${WS} none scale`),
      ...gone,
    ]),
    script('custom resources', 'without subresources or columns', [
      ...defined(crd()),
      post(WS, w('a', { n: 1 }, {}, { status: { phase: 'x' } })),
      merge(a, { status: { phase: 'y' } }),
      merge(a, { metadata: { labels: { a: 'b' } } }),
      merge(a, { metadata: { annotations: { a: 'b' } } }),
      merge(a, { spec: { n: 2 } }),
      merge(a, { top: 2 }),
      get(`${a} status`),
      get(`${a} scale`),
      merge(`${a} status`, {}),
      get(WS, { accept: TABLE }),
      get('/apis/{id}.io'),
      get('/apis/{id}.io/v1'),
      ...gone,
    ]),
    script('custom resources', 'a version from before the definition', [
      ...defined(full),
      post(WS, w('a')),
      watch('old', WS, 'resourceVersion=1'),
      { read: 'old', events: 1, toEnd: true },
      ...gone,
    ]),
    script('custom resources', 'a whole world of unknown fields', [
      ...defined(
        crd(
          { preserveUnknownFields: false, scope: 'Cluster', names: { plural: 'ws', kind: 'W' } },
          { schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
        ),
      ).map((step) =>
        'send' in step && step.send.includes('/namespaces/') ? { ...step, send: 'GET /apis/{id}.io/v1/ws' } : step,
      ),
      post('/apis/{id}.io/v1/ws', w('a', { any: [1, { x: null }] }, {}, { more: { a: 1 } })),
      apply('m', '/apis/{id}.io/v1/ws/a', w('a', { l: [1, 2], m: { a: 1 } })),
      apply('n', '/apis/{id}.io/v1/ws/a', w('a', { l: [3], m: { b: 1 } })),
      apply('n', '/apis/{id}.io/v1/ws/a', w('a', { m: { b: 1, c: null } })),
      merge('/apis/{id}.io/v1/ws/a', { spec: { m: { a: null }, deep: { er: { x: 1 } } } }),
      get('/apis/{id}.io/v1/ws', { accept: TABLE }),
      get('/apis/{id}.io/v1/namespaces/{ns}/ws'),
      get('/apis/{id}.io/v1/ws/a'),
      del('/apis/{id}.io/v1/ws/a'),
      ...gone,
    ]),
    script('custom resources', 'two versions', [
      ...defined(
        crd({
          versions: [
            { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
            { name: 'v1beta1', served: true, storage: false, deprecated: true, schema: { openAPIV3Schema: schema } },
            {
              name: 'v1alpha1',
              served: false,
              storage: false,
              deprecated: true,
              deprecationWarning: 'too old',
              schema: { openAPIV3Schema: schema },
            },
          ],
        }),
      ),
      post(WS, w('a')),
      get('{id}.io/v1beta1/ws a'),
      get('{id}.io/v1beta1/ws'),
      get('{id}.io/v1alpha1/ws'),
      merge('{id}.io/v1beta1/ws a', { spec: { n: 2 } }),
      post('{id}.io/v1beta1/ws', { ...w('b'), apiVersion: '{id}.io/v1beta1' }),
      apply('m', '{id}.io/v1beta1/ws c', { ...w('c', { n: 1 }), apiVersion: '{id}.io/v1beta1' }),
      apply('m', `${WS} c`, w('c', { n: 2 })),
      apply('n', '{id}.io/v1beta1/ws c', { ...w('c', { n: 3 }), apiVersion: '{id}.io/v1beta1' }),
      get('/apis/{id}.io'),
      get('/apis/{id}.io/v1beta1'),
      get(WS),
      ...gone,
    ]),
    unordered(
      script('custom resources', 'the life of a definition', [
        watch('w', CRDS, 'fieldSelector=metadata.name=ws.{id}.io'),
        post(CRDS, crd(), { query: 'dryRun=All' }),
        get(CRD),
        get('/apis/{id}.io/v1'),
        ...defined(crd()),
        get(CRD),
        post(CRDS, crd()),
        merge(CRD, { spec: { scope: 'Cluster' } }),
        merge(CRD, { spec: { group: 'other.io' } }),
        merge(CRD, { spec: { names: { kind: 'X' } } }),
        merge(CRD, { spec: { names: { shortNames: ['sh'] } } }),
        get(CRD, {
          untilSeen: (body) =>
            JSON.stringify(body).includes('"acceptedNames":{"plural":"ws","singular":"w","shortNames"'),
        }),
        merge(CRD, { spec: { names: { plural: 'xs' } } }),
        merge(CRD, { metadata: { labels: { a: 'b' } } }),
        merge(CRD, { spec: { versions: [] } }),
        merge(CRD, { status: { storedVersions: [] } }),
        get(CRD, { accept: TABLE }),
        put(CRD, crd()),
        post(WS, w('a', { n: 1 }, { finalizers: ['a.b/c'] })),
        del(CRD, undefined, { query: 'dryRun=All' }),
        del(CRD),
        // Until the server has noticed.
        post(WS, w('b'), { query: 'dryRun=All', until: 403 }),
        get(WS, { untilSeen: (body) => JSON.stringify(body).includes('"deletionTimestamp"') }),
        get(a),
        merge(a, { metadata: { finalizers: null } }),
        get(CRD, { until: 404 }),
        get(WS, { until: 404 }),
        get('/apis/{id}.io/v1', { until: 404 }),
      ]),
    ),
    script('custom resources', 'definitions that are refused', [
      ...[
        crd({ group: 'other.io' }),
        crd({ scope: 'Nope' }),
        crd({ scope: undefined }),
        crd({ names: { plural: 'WS', kind: 'W' } }),
        crd({ names: { plural: 'ws', kind: 'w w' } }),
        crd({ names: { plural: 'ws' } }),
        crd({ names: { plural: 'ws', kind: 'W', shortNames: ['A'] } }),
        crd({ versions: [] }),
        crd({
          versions: [{ name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } }],
        }),
        crd({ versions: [{ name: 'v1', served: true, storage: true }] }),
        crd({
          versions: [{ name: 'V1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        }),
        crd({}, { schema: { openAPIV3Schema: {} } }),
        crd({}, { schema: { openAPIV3Schema: { type: 'string' } } }),
        crd({}, { schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } }),
        crd({}, { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'array' } } } } }),
        crd({}, { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'nope' } } } } }),
        crd(
          {},
          { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', pattern: '(' } } } } },
        ),
        crd({}, { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', default: 5 } } } } }),
        crd(
          {},
          {
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: true },
                },
              },
            },
          },
        ),
        crd(
          {},
          {
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { a: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
              },
            },
          },
        ),
        crd(
          {},
          {
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { a: { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } } },
              },
            },
          },
        ),
        crd(
          {},
          {
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { a: { type: 'array', 'x-kubernetes-list-type': 'nope', items: { type: 'string' } } },
              },
            },
          },
        ),
        crd({}, { schema: { openAPIV3Schema: { type: 'object', properties: { a: { $ref: '#/x' } } } } }),
        crd(
          {},
          {
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
              },
            },
          },
        ),
        crd(
          {},
          {
            schema: {
              openAPIV3Schema: { type: 'object', properties: { a: { anyOf: [{ type: 'string' }], type: 'string' } } },
            },
          },
        ),
        crd({}, { subresources: { scale: { specReplicasPath: 'spec', statusReplicasPath: '.status.replicas' } } }),
        crd({}, { subresources: { scale: { specReplicasPath: '.spec.replicas' } } }),
        crd({}, { additionalPrinterColumns: [{ name: 'N', type: 'nope', jsonPath: '.spec.n' }] }),
        crd({}, { additionalPrinterColumns: [{ name: 'N', type: 'integer', jsonPath: 'spec[' }] }),
        crd({ preserveUnknownFields: true }),
        crd({ conversion: { strategy: 'Nope' } }),
        crd({ conversion: { strategy: 'Webhook' } }),
        { ...crd(), metadata: { name: 'other' } },
        { ...crd(), spec: {} },
        { ...crd(), spec: null },
        { ...crd(), spec: 'x' },
      ].map((definition) => post(CRDS, definition, { query: 'dryRun=All' })),
      post(
        CRDS,
        { ...crd(), metadata: { name: 'ws.{id}.io', labels: { a: 'b' } } },
        { query: 'dryRun=All&fieldValidation=Strict' },
      ),
      post(CRDS, crd({ group: '{id}.k8s.io' }), { query: 'dryRun=All' }),
    ]),
    script('custom resources', 'owned by and owning others', [
      ...defined(crd()),
      post(WS, w('a'), { label: 'a' }),
      post(
        'configmaps',
        {
          metadata: {
            name: 'c',
            ownerReferences: [
              { apiVersion: '{id}.io/v1', kind: 'W', name: 'a', uid: '{{a.metadata.uid}}', blockOwnerDeletion: true },
            ],
          },
        },
        { label: 'c' },
      ),
      post(
        WS,
        w(
          'b',
          { n: 1 },
          { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: '{{c.metadata.uid}}' }] },
        ),
      ),
      get('configmaps c'),
      get(`${WS} b`),
      ...gone,
    ]),
    script('custom resources', 'names that are taken', [
      ...defined(crd()),
      post(CRDS, { ...crd({ names: { plural: 'vs', kind: 'W', singular: 'v' } }), metadata: { name: 'vs.{id}.io' } }),
      get(`${CRDS} vs.{id}.io`, { untilSeen: (body) => conditionsOf(body) > 1 }),
      get(VS),
      del(`${CRDS} vs.{id}.io`),
      ...gone,
    ]),
  ];
}

function established(body: unknown): boolean {
  const { status } = body as {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  };
  return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') ?? false;
}

function conditionsOf(body: unknown): number {
  return (body as { readonly status?: { readonly conditions?: readonly unknown[] } }).status?.conditions?.length ?? 0;
}
