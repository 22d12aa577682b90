import type { ResourceData } from '../src/data/kube-data.ts';
import { minimalObjects } from './minimal-objects.ts';
import type { ServedGroupVersion, ServedResource } from './read-server.ts';

/** How a resource behaves, which a server tells only who tries it. */
export type Behaviour = Pick<
  ResourceData,
  'tracksGeneration' | 'needsResourceVersion' | 'createsOnUpdate' | 'deleteAnswer' | 'fieldLabels'
>;

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Sends a request as the cluster's admin. */
export type Send = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<Answer>;

/** What is to be tried, in which namespace and under which name: nobody else's. */
export interface Trial {
  readonly send: Send;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Makes an object of the resource, changes and deletes it. A resource that knows no deletion, or of which no object can be
 * made out of nothing (a PodCertificateRequest), is said to behave like most.
 */
export async function tryResource(
  { group, version }: Omit<ServedGroupVersion, 'resources'>,
  resource: ServedResource,
  trial: Trial,
): Promise<Behaviour> {
  const { send, namespace } = trial;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = `${root}/${resource.namespaced ? `namespaces/${namespace}/` : ''}${resource.plural}`;
  const labels = resource.verbs.includes('list') ? await fieldLabelsAt(collection, send) : undefined;
  const fieldLabels = labels && { fieldLabels: labels };
  const minimal = minimalObjects(trial.name, namespace)[`${group}/${resource.kind}`];
  if (minimal === undefined || !resource.verbs.includes('delete')) return { ...LIKE_MOST, ...fieldLabels };

  const metadata = { name: trial.name, ...(minimal['metadata'] as { name: string } | undefined) };
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const object = { apiVersion, kind: resource.kind, ...minimal, metadata };
  const path = `${collection}/${metadata.name}`;

  const putFirst = await send('PUT', path, object);
  const created = putFirst.status === 201 ? putFirst : await send('POST', collection, object);
  if (created.status !== 201) throw new Error(`${path}: ${JSON.stringify(created.body)}`);
  const replaced = await send('PUT', path, unguarded(created.body));
  const removed = await tryDelete(send, path);
  const deleted = await send('DELETE', `${path}?propagationPolicy=Background`);
  if (deleted.status !== 200) throw new Error(`${path}: ${JSON.stringify(deleted.body)}`);
  return {
    tracksGeneration: metadataOf(created)['generation'] !== undefined,
    needsResourceVersion: replaced.status === 422 && text(replaced).includes('metadata.resourceVersion'),
    createsOnUpdate: putFirst.status !== 404,
    deleteAnswer: removed.body['kind'] === 'Status' ? 'status' : 'object',
    ...fieldLabels,
  };
}

/** A controller may protect an object with a finalizer at any time. Then a DELETE only marks it: that is not what is asked. */
async function tryDelete(send: Send, path: string): Promise<Answer> {
  const remove = () => send('DELETE', `${path}?dryRun=All&propagationPolicy=Background`);
  let removed = await remove();
  for (let attempt = 0; attempt < 30 && metadataOf(removed)['finalizers'] !== undefined; attempt++) {
    const { body } = await send('GET', path);
    await send('PUT', path, unguarded(body));
    removed = await remove();
  }
  return removed;
}

const LIKE_MOST: Behaviour = {
  tracksGeneration: false,
  needsResourceVersion: false,
  createsOnUpdate: false,
  deleteAnswer: 'status',
};

/** Every label of which Kubernetes' conversions know. */
const FIELD_LABELS = [
  'involvedObject.apiVersion',
  'involvedObject.fieldPath',
  'involvedObject.kind',
  'involvedObject.name',
  'involvedObject.namespace',
  'involvedObject.resourceVersion',
  'involvedObject.uid',
  'metadata.name',
  'metadata.namespace',
  'reason',
  'regarding.apiVersion',
  'regarding.fieldPath',
  'regarding.kind',
  'regarding.name',
  'regarding.namespace',
  'regarding.resourceVersion',
  'regarding.uid',
  'reportingComponent',
  'reportingController',
  'source',
  'spec.clusterIP',
  'spec.driver',
  'spec.host',
  'spec.hostNetwork',
  'spec.nodeName',
  'spec.podName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.signerName',
  'spec.type',
  'spec.unschedulable',
  'status.nominatedNodeName',
  'status.phase',
  'status.podIP',
  'status.podIPs',
  'status.replicas',
  'status.successful',
  'type',
];

async function fieldLabelsAt(collection: string, send: Send): Promise<string[] | undefined> {
  const selected = (label: string) => send('GET', `${collection}?limit=1&fieldSelector=${label}%3Dtrial`);
  if (text(await selected('trial')).includes('is not a known field selector')) return undefined;
  const known: string[] = [];
  for (const label of FIELD_LABELS) {
    const answer = await selected(label);
    if (!text(answer).includes('field label')) known.push(label);
  }
  return known;
}

function text(answer: Answer): string {
  const { message } = answer.body;
  return typeof message === 'string' ? message : '';
}

function metadataOf(answer: Answer): Readonly<Record<string, unknown>> {
  return (answer.body['metadata'] ?? {}) as Readonly<Record<string, unknown>>;
}

/** Without the resourceVersion that guards a PUT, and without the finalizers that guard against deletion. */
function unguarded(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { resourceVersion: _, finalizers: __, ...metadata } = object['metadata'] as Readonly<Record<string, unknown>>;
  return { ...object, metadata };
}
