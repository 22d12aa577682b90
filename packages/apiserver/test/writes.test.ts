import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { Answer, Asked, World } from './wire.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ controllers: false });
});
afterAll(() => world[Symbol.asyncDispose]());

let spaces = 0;

/** A namespace of its own, and requests to what is in it. */
async function space(): Promise<(path: string, asked?: Asked) => Promise<Answer>> {
  const name = `writes-${String(++spaces)}`;
  await world.ask('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } });
  return (path, asked) => {
    const [root, group, version, ...rest] = path.split('/');
    const prefix = root === 'api' ? `/api/${String(group)}` : `/apis/${String(group)}/${String(version)}`;
    const tail = root === 'api' ? [version, ...rest] : rest;
    return world.ask(`${prefix}/namespaces/${name}/${tail.join('/')}`, asked);
  };
}

const MAPS = 'api/v1/configmaps';
const DEPLOYMENTS = 'apis/apps/v1/deployments';
const merge = (body: unknown): Asked => ({ method: 'PATCH', type: 'application/merge-patch+json', body });
const apply = (body: unknown): Asked => ({ method: 'PATCH', type: 'application/apply-patch+yaml', body });
const post = (body: unknown): Asked => ({ method: 'POST', body });
const put = (body: unknown): Asked => ({ method: 'PUT', body });

interface Meta {
  readonly resourceVersion: string;
  readonly uid: string;
  readonly generation?: number;
  readonly finalizers?: readonly string[];
  readonly deletionTimestamp?: string;
  readonly managedFields?: readonly Record<string, unknown>[];
}

function meta(answer: Answer): Meta {
  return answer.body['metadata'] as Meta;
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } },
  },
};

test('a write that changes nothing keeps the resourceVersion', async () => {
  const ask = await space();
  const made = await ask(MAPS, post({ metadata: { name: 'a' }, data: { k: '1' } }));
  const version = meta(made).resourceVersion;
  for (const same of [
    put({ metadata: { name: 'a' }, data: { k: '1' } }),
    merge({}),
    merge({ data: { k: '1' } }),
    { method: 'PATCH', type: 'application/json-patch+json', body: [] },
  ]) {
    const answer = await ask(`${MAPS}/a`, { ...same, headers: { 'user-agent': 'somebody/1' } });
    expect(answer.status).toBe(200);
    expect(meta(answer)).toEqual(meta(made));
  }
  expect(meta(await ask(`${MAPS}/a`)).resourceVersion).toBe(version);
});

test('generation counts changes of the spec, not of labels or of the status', async () => {
  const ask = await space();
  const generation = async (change: Asked, path = `${DEPLOYMENTS}/web`): Promise<number | undefined> =>
    meta(await ask(path, change)).generation;
  expect(meta(await ask(DEPLOYMENTS, post(deployment))).generation).toBe(1);
  expect(await generation(merge({ metadata: { labels: { a: 'b' } } }))).toBe(1);
  expect(await generation(merge({ status: { replicas: 5 } }))).toBe(1);
  expect(await generation(merge({ spec: { replicas: 2 } }))).toBe(2);
  expect(await generation(merge({ metadata: { annotations: { a: 'b' } } }))).toBe(3);
  expect(await generation(merge({ status: { replicas: 5 } }), `${DEPLOYMENTS}/web/status`)).toBe(3);
  expect(meta(await ask(MAPS, post({ metadata: { name: 'a' } }))).generation).toBe(undefined);
});

test('the main endpoint leaves the status alone, and the status endpoint the spec', async () => {
  const ask = await space();
  await ask(DEPLOYMENTS, post(deployment));
  expect((await ask(`${DEPLOYMENTS}/web`, merge({ status: { replicas: 5 } }))).body['status']).toEqual({});
  const answer = await ask(`${DEPLOYMENTS}/web/status`, merge({ spec: { replicas: 9 }, status: { replicas: 5 } }));
  expect(answer.body).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 5 } });
  expect(meta(answer).managedFields?.at(-1)).toMatchObject({ subresource: 'status', operation: 'Update' });
});

test('a dry run answers like the write and leaves everything as it was', async () => {
  const ask = await space();
  expect((await ask(`${MAPS}?dryRun=All`, post({ metadata: { name: 'a' } }))).status).toBe(201);
  expect((await ask(`${MAPS}/a`)).status).toBe(404);
  const made = await ask(MAPS, post({ metadata: { name: 'a' }, data: { k: '1' } }));
  expect((await ask(`${MAPS}/a?dryRun=All`, merge({ data: { k: '2' } }))).body['data']).toEqual({ k: '2' });
  expect((await ask(`${MAPS}/a?dryRun=All`, { method: 'DELETE' })).body).toMatchObject({ status: 'Success' });
  expect((await ask(`${MAPS}/a`)).body).toEqual(made.body);
  expect((await ask(`${MAPS}?dryRun=Some`, post({ metadata: { name: 'b' } }))).status).toBe(422);
});

test('a PUT names the version that it is about, or not; kinds that need one say so', async () => {
  const ask = await space();
  const made = await ask(MAPS, post({ metadata: { name: 'a' } }));
  await ask(`${MAPS}/a`, put({ metadata: { name: 'a' }, data: { k: '1' } }));
  const stale = await ask(`${MAPS}/a`, put({ metadata: { name: 'a', resourceVersion: meta(made).resourceVersion } }));
  expect(stale.body).toMatchObject({ code: 409, reason: 'Conflict', details: { name: 'a', kind: 'configmaps' } });
  expect((await ask(`${MAPS}/a`, put({ metadata: { name: 'a', resourceVersion: 'abc' } }))).body).toMatchObject({
    code: 500,
    message: 'strconv.ParseUint: parsing "abc": invalid syntax',
  });
  const foreign = await ask(`${MAPS}/a`, put({ metadata: { name: 'a', uid: 'other' } }));
  expect(foreign.body['message']).toContain('Precondition failed: UID in precondition: other');
  const leases = 'apis/coordination.k8s.io/v1/leases';
  await ask(leases, post({ metadata: { name: 'l' } }));
  expect((await ask(`${leases}/l`, put({ metadata: { name: 'l' } }))).body).toMatchObject({
    code: 422,
    message:
      'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  });
  expect((await ask(`${leases}/m`, put({ metadata: { name: 'm' } }))).status).toBe(201);
  expect((await ask(`${leases}/n`, put({ metadata: { name: 'n', resourceVersion: '7' } }))).status).toBe(201);
  const gone = await ask(`${leases}/o`, put({ metadata: { name: 'o', uid: 'other', resourceVersion: '7' } }));
  expect(gone.body).toMatchObject({ code: 409, reason: 'Conflict' });
  expect(gone.body['message']).toMatch(/UID in precondition: other, UID in object meta: $/);
  expect((await ask(`${MAPS}/m`, put({ metadata: { name: 'm' } }))).status).toBe(404);
});

test('names and namespaces of body and URL must agree', async () => {
  const ask = await space();
  await ask(MAPS, post({ metadata: { name: 'a' } }));
  expect((await ask(`${MAPS}/a`, put({ metadata: { name: 'b' } }))).body['message']).toBe(
    'the name of the object (b) does not match the name on the URL (a)',
  );
  expect((await ask(`${MAPS}/a`, put({ data: {} }))).body['message']).toBe(
    'the name of the object (a based on URL) was undeterminable: name must be provided',
  );
  expect((await ask(MAPS, post({ metadata: { name: 'b', namespace: 'other' } }))).body['message']).toBe(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
});

test('a second manager keeps its replicas, and the first loses them only by force', async () => {
  const ask = await space();
  const as = (manager: string, body: unknown, query = ''): Promise<Answer> =>
    ask(`${DEPLOYMENTS}/web?fieldManager=${manager}${query}`, apply(body));
  expect((await as('first', { ...deployment, spec: { ...deployment.spec, replicas: 2 } })).status).toBe(201);
  const scaled = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 5 } };
  expect((await as('second', scaled)).body).toMatchObject({
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "first": .spec.replicas',
    details: {
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.spec.replicas' }],
    },
  });
  expect((await as('second', scaled, '&force=true')).body).toMatchObject({ spec: { replicas: 5 } });
  expect((await as('first', deployment)).body).toMatchObject({ spec: { replicas: 5 } });
  const { metadata: _metadata, ...bare } = scaled;
  expect((await as('second', bare)).status).toBe(200);
});

test('what finalizes a namespace needs a name that is one', async () => {
  const finalize = async (finalizers: readonly string[]): Promise<number> => {
    const asked = put({ metadata: { name: 'default' }, spec: { finalizers } });
    return (await world.ask('/api/v1/namespaces/default/finalize', asked)).status;
  };
  expect(await finalize(['plain'])).toBe(422);
  expect(await finalize(['A b/c'])).toBe(422);
  expect(await finalize(['kubernetes', 'a.b/c'])).toBe(200);
  expect(await finalize(['kubernetes'])).toBe(200);
});

test('an object with finalizers stays until the last one goes, and takes no new one', async () => {
  const ask = await space();
  await ask(MAPS, post({ metadata: { name: 'a', finalizers: ['a.b/c', 'a.b/d'] } }));
  const marked = await ask(`${MAPS}/a`, { method: 'DELETE' });
  expect(marked.body).toMatchObject({ kind: 'ConfigMap', metadata: { deletionGracePeriodSeconds: 0 } });
  expect(meta(await ask(`${MAPS}/a`, { method: 'DELETE' }))).toEqual(meta(marked));
  expect((await ask(MAPS, post({ metadata: { name: 'a' } }))).body['message']).toBe(
    'object is being deleted: configmaps "a" already exists',
  );
  expect((await ask(`${MAPS}/a`, merge({ metadata: { finalizers: ['a.b/c', 'a.b/e'] } }))).status).toBe(422);
  expect((await ask(`${MAPS}/a`, merge({ metadata: { finalizers: ['a.b/c'] } }))).status).toBe(200);
  expect((await ask(`${MAPS}/a`, merge({ metadata: { finalizers: null } }))).status).toBe(200);
  expect((await ask(`${MAPS}/a`)).status).toBe(404);
});

test('a scheduled Pod has its grace period, which can only become shorter; others go at once', async () => {
  const ask = await space();
  const pod = (name: string): object => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  await ask('api/v1/pods', post(pod('idle')));
  expect((await ask('api/v1/pods/idle', { method: 'DELETE' })).body).toMatchObject({
    metadata: { deletionGracePeriodSeconds: 0 },
  });
  expect((await ask('api/v1/pods/idle')).status).toBe(404);

  await ask('api/v1/pods', post(pod('busy')));
  const binding = { metadata: { name: 'busy' }, target: { kind: 'Node', name: 'node-1' } };
  expect((await ask('api/v1/pods/busy/binding', post(binding))).status).toBe(201);
  const grace = async (seconds?: number): Promise<unknown> => {
    const body = seconds === undefined ? undefined : { gracePeriodSeconds: seconds };
    const answer = await ask('api/v1/pods/busy', { method: 'DELETE', ...(body && { body }) });
    return (answer.body['metadata'] as Record<string, unknown>)['deletionGracePeriodSeconds'];
  };
  expect(await grace()).toBe(30);
  expect(await grace(60)).toBe(30);
  expect(await grace(5)).toBe(5);
  expect((await ask('api/v1/pods/busy')).status).toBe(200);
  expect(await grace(0)).toBe(0);
  expect((await ask('api/v1/pods/busy')).status).toBe(404);
});

test('an eviction is refused while the disruption budget is used up', async () => {
  const ask = await space();
  const pod = { metadata: { name: 'p', labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await ask('api/v1/pods', post(pod));
  await ask(
    'api/v1/pods/p/status',
    merge({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }),
  );
  await ask(
    'apis/policy/v1/poddisruptionbudgets',
    post({ metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } } }),
  );
  const evict = post({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } });
  expect((await ask('api/v1/pods/p/eviction', evict)).body).toMatchObject({
    code: 429,
    reason: 'TooManyRequests',
    details: { causes: [{ reason: 'DisruptionBudget' }] },
  });
  await ask('apis/policy/v1/poddisruptionbudgets/b/status', merge({ status: { disruptionsAllowed: 1 } }));
  expect((await ask('api/v1/pods/p/eviction', evict)).body).toMatchObject({ status: 'Success', code: 201 });
});

test('the scale of a Deployment is its replicas, owned through the scale', async () => {
  const ask = await space();
  await ask(DEPLOYMENTS, post(deployment));
  expect((await ask(`${DEPLOYMENTS}/web/scale`)).body).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 1 },
    status: { replicas: 0, selector: 'app=web' },
  });
  const scaled = await ask(`${DEPLOYMENTS}/web/scale`, merge({ spec: { replicas: 3 } }));
  expect(scaled.body).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
  const entries = meta(await ask(`${DEPLOYMENTS}/web`)).managedFields ?? [];
  expect(entries[0]).toMatchObject({ subresource: 'scale', apiVersion: 'apps/v1' });
  expect(entries[0]).not.toHaveProperty('time');
  expect((await ask(`${DEPLOYMENTS}/web/scale`, merge({ spec: { replicas: -1 } }))).status).toBe(422);
});

test('unknown and repeated fields warn, are refused, or are let be', async () => {
  const ask = await space();
  const body = '{"metadata":{"name":"a","colour":"red"},"data":{"k":"1","k":"2"}}';
  const asked = (query: string): Promise<Answer> => ask(`${MAPS}?dryRun=All${query}`, { method: 'POST', body });
  expect((await asked('')).headers['warning']).toContain('unknown field \\"metadata.colour\\"');
  expect((await asked('&fieldValidation=Ignore')).headers['warning']).toBe(undefined);
  expect((await asked('&fieldValidation=Strict')).body).toMatchObject({
    code: 400,
    message:
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.colour", duplicate field "data.k"',
  });
});

test('a patch with a value of a wrong type is refused in the words of what reads it', async () => {
  const ask = await space();
  await ask(MAPS, post({ metadata: { name: 'typed' }, data: { a: 'b' } }));
  const strategic = { ...merge({ data: { a: 1 } }), type: 'application/strategic-merge-patch+json' };
  expect((await ask(`${MAPS}/typed`, strategic)).body['message']).toBe(
    ' "" is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string',
  );
  expect((await ask(`${MAPS}/typed`, merge({ data: { a: 1 } }))).body['message']).toContain(
    'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  );
});

test('each group of Event forgets who wrote through the other', async () => {
  const ask = await space();
  const event = {
    metadata: { name: 'e' },
    eventTime: '2020-01-01T00:00:00.000000Z',
    reportingController: 'a.b/c',
    reportingInstance: 'x',
    action: 'a',
    reason: 'b',
    regarding: { kind: 'Pod', name: 'p' },
    type: 'Normal',
  };
  expect((await ask('apis/events.k8s.io/v1/events', post(event))).status).toBe(422); // of another namespace
  const name = (await ask(MAPS, post({ metadata: { name: 'm' } }))).body['metadata'] as { namespace: string };
  const regarding = { ...event.regarding, namespace: name.namespace };
  expect((await ask('apis/events.k8s.io/v1/events', post({ ...event, regarding }))).status).toBe(201);
  const patched = await ask('api/v1/events/e', merge({ reason: 'other' }));
  const { managedFields } = patched.body['metadata'] as Meta;
  expect(managedFields?.map((entry) => [entry['apiVersion'], entry['fieldsV1']])).toEqual([['v1', { 'f:reason': {} }]]);
});

test('fields of features that are off are forgotten', async () => {
  const ask = await space();
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's', namespace: 'elsewhere' },
  };
  const claim = await ask('api/v1/persistentvolumeclaims', post({ metadata: { name: 'c' }, spec }));
  expect(claim.body['spec']).not.toHaveProperty('dataSourceRef');
  const node = { method: 'POST', body: { metadata: { name: 'n' }, spec: { podPreemptionPolicy: {} } } };
  const made = await world.ask('/api/v1/nodes?dryRun=All', node);
  expect(made.body['spec']).not.toHaveProperty('podPreemptionPolicy');
});

test('a Scale that cannot be read changes nothing', async () => {
  const ask = await space();
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 3, selector: { matchLabels: { a: 'b' } }, template };
  await ask(DEPLOYMENTS, post({ metadata: { name: 'd' }, spec }));
  const path = `${DEPLOYMENTS}/d/scale`;
  const wrong = await ask(path, merge({ spec: { replicas: 'x' } }));
  expect(wrong.status).toBe(422);
  expect(wrong.body['message']).toContain('cannot unmarshal string into Go struct field ScaleSpec.spec.replicas');
  expect((await ask(path)).body['spec']).toEqual({ replicas: 3 });
  const strict = `${path}?fieldValidation=Strict`;
  expect((await ask(strict, merge({ spec: { zz: 1 } }))).status).toBe(422);
  expect((await ask(strict, put({ metadata: { name: 'd' }, spec: { zz: 1 } }))).status).toBe(400);
});

test('an apply of a value that the schema lets through and its type does not says what it is converted to', async () => {
  const ask = await space();
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bytes' }, binaryData: { a: '!!' } };
  const refused = await ask(`${MAPS}/bytes?fieldManager=m`, apply(body));
  expect(refused.status).toBe(500);
  expect(refused.body['message']).toBe(
    'failed to convert new object (/bytes; /v1, Kind=ConfigMap) to proper version: unable to convert unstructured ' +
      'object to /v1, Kind=ConfigMap: error decoding from json: illegal base64 data at input byte 0',
  );
});

test('a key that stands twice in a configuration is refused where the request is strict', async () => {
  const ask = await space();
  const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}';
  const refused = await ask(`${MAPS}/twice?fieldManager=m&fieldValidation=Strict`, apply(body));
  expect(refused.body['message']).toBe(
    'error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key "a" already set in map',
  );
});
