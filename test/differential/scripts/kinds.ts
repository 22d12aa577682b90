import { apply, del, get, jsonPatch, merge, post, put, read, script, strategic, watch } from '../script.ts';
import type { Script, Step } from '../script.ts';
import { samples } from './objects.ts';
import type { Sample } from './objects.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Kinds whose objects stay for a moment after DELETE until the server itself takes their finalizer away. */
const COLLECTED = new Set(['ReplicationController', 'Job', 'CustomResourceDefinition']);

/** Kinds that a controller gives a finalizer and takes it from, when it sees fit. */
const PROTECTED = new Set(['PersistentVolumeClaim', 'PersistentVolume']);

/** Its status is the real server's own to write, whenever it has looked for what is behind it. */
const WRITTEN_BY_THE_SERVER = 'APIService';

/** The same life for an object of every kind, through every verb. */
export function kindScripts(): readonly Script[] {
  return [
    ...samples
      .filter(({ kind }) => kind !== WRITTEN_BY_THE_SERVER)
      .map((sample) => script('verbs and kinds', `the life of a ${sample.kind}`, life(sample))),
    script('verbs and kinds', 'policies of admission', policies()),
  ];
}

/** Policies about a group that nobody has, so that no other story feels them. */
function policies(): readonly Step[] {
  const group = 'admissionregistration.k8s.io';
  const written = (kind: string, spec: object): Step[] => {
    const resource = `${group}/v1/${kind.toLowerCase().replace(/y$/, 'ie')}s`;
    const body = { apiVersion: `${group}/v1`, kind, metadata: { name: 'a.{id}.io' }, spec };
    return [
      post(resource, body),
      get(`${resource} a.{id}.io`),
      merge(`${resource} a.{id}.io`, { metadata: { labels: { a: 'b' } } }),
      del(`${resource} a.{id}.io`),
    ];
  };
  const matchConstraints = {
    resourceRules: [{ apiGroups: ['{id}.io'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
  };
  const patch = { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } };
  return [
    ...written('ValidatingAdmissionPolicy', { matchConstraints, validations: [{ expression: 'true' }] }),
    ...written('ValidatingAdmissionPolicyBinding', { policyName: 'a.{id}.io', validationActions: ['Deny'] }),
    ...written('MutatingAdmissionPolicy', { matchConstraints, reinvocationPolicy: 'Never', mutations: [patch] }),
    ...written('MutatingAdmissionPolicyBinding', { policyName: 'a.{id}.io' }),
  ];
}

function life(sample: Sample): readonly Step[] {
  const { resource, apiVersion, kind, body, change, cluster } = sample;
  const name = sample.name ?? (cluster ? 'a-{id}' : 'a');
  const target = `${resource} ${name}`;
  const object = { apiVersion, kind, metadata: { name, labels: { story: '{id}' } }, ...body };
  const ours = 'labelSelector=story={id}';
  const second = sample.name === undefined ? `${name}-second` : undefined;
  return [
    get(target),
    post(resource, object, { query: 'dryRun=All' }),
    post(resource, object, { label: 'made' }),
    post(resource, object),
    watch('w', resource, `${ours}&resourceVersion={{made.metadata.resourceVersion}}`),
    get(target),
    get(resource, { query: ours }),
    get(resource, { query: `${ours}&limit=500`, accept: TABLE }),
    get(target, { accept: TABLE }),
    get(target, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
    put(target, '{{made}}'),
    merge(target, { metadata: { labels: { more: 'x' } } }),
    merge(target, { metadata: { annotations: { note: 'x' } } }),
    merge(target, change),
    strategic(target, change, { label: 'changed' }),
    jsonPatch(target, [{ op: 'add', path: '/metadata/labels/third', value: 'y' }]),
    put(target, { ...object, metadata: { name, labels: { story: '{id}' } } }),
    put(target, '{{made}}'),
    apply('m', target, { apiVersion, kind, metadata: { name, labels: { applied: 'a' } } }),
    apply('n', target, { apiVersion, kind, metadata: { name, labels: { applied: 'b' } } }),
    apply('n', target, { apiVersion, kind, metadata: { name, labels: { applied: 'b' } } }, { query: 'force=true' }),
    get(target),
    ...(second === undefined
      ? []
      : [
          apply('m', `${resource} ${second}`, { ...object, metadata: { name: second, labels: { story: '{id}' } } }),
          get(resource, { query: ours }),
        ]),
    ...(PROTECTED.has(kind)
      ? [target, `${resource} ${second}`].map((one) => merge(one, { metadata: { finalizers: null } }))
      : []),
    del(target),
    ...(COLLECTED.has(kind) ? [get(target, { until: 404 })] : []),
    ...(second === undefined ? [] : [del(`${resource} ${second}`, { propagationPolicy: 'Background' })]),
    merge(target, { metadata: { finalizers: null } }),
    ...(second === undefined
      ? []
      : [merge(`${resource} ${second}`, { metadata: { finalizers: null } }, { unseen: true })]),
    get(target),
    del(target),
    read('w', 1),
  ];
}
