import type { KubeObject } from '@homeostat/kube';
import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { tolerateSickNodes } from '../kinds/pod/prepare-pod.ts';
import { same } from '../kinds/pod/same.ts';
import { forbiddenObject } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { Review } from './admission.ts';
import { pluralOf } from './served-resource.ts';

/**
 * What Kubernetes' default admission plugins make of classes (Priority, RuntimeClass, DefaultStorageClass,
 * DefaultIngressClass): a new Pod gets what its classes say, a claim or an Ingress without a class the default one. Changes the
 * object of the review. It comes after the field manager, so nobody owns what it sets.
 *
 * @throws {ApiError} 403 for a class that is not there, and for what contradicts one.
 */
export function admitByClasses(store: Store, review: Review): void {
  const { operation, resource, subresource, object } = review;
  if (object === undefined || subresource !== '' || operation === 'DELETE') return;
  switch (`${resource.group}/${resource.kind}`) {
    case 'scheduling.k8s.io/PriorityClass':
      onlyDefaultPriority(store, review, object);
      break;
    case '/Pod':
      if (operation === 'CREATE') {
        prioritise(store, review, object);
        followRuntimeClass(store, review, object);
      }
      break;
    case '/PersistentVolumeClaim':
      if (operation === 'CREATE') defaultStorageClass(store, object);
      break;
    case 'networking.k8s.io/Ingress':
      if (operation === 'CREATE') defaultIngressClass(store, object);
      break;
    default:
  }
}

function refuse({ resource, name }: Review, why: string): never {
  throw forbiddenObject(pluralOf(resource), name, why);
}

const PRIORITIES = 'priorityclasses.scheduling.k8s.io';

/** Of several, which cannot come to be any more, the lowest. */
function defaultPriorityClass(store: Store): KubeObject | undefined {
  return store
    .list(PRIORITIES)
    .map(({ object }) => object)
    .filter((one) => one['globalDefault'] === true)
    .toSorted((a, b) => (numberAt(a, 'value') ?? 0) - (numberAt(b, 'value') ?? 0))[0];
}

function onlyDefaultPriority(store: Store, review: Review, object: Draft): void {
  if (object['globalDefault'] !== true) return;
  const other = defaultPriorityClass(store)?.metadata.name;
  if (other === undefined || (review.operation === 'UPDATE' && other === review.name)) return;
  refuse(review, `PriorityClass ${other} is already marked as default. Only one default can exist`);
}

function prioritise(store: Store, review: Review, pod: Draft): void {
  const spec = ensureMap(pod, 'spec');
  const name = textAt(spec, 'priorityClassName');
  const found = name === '' ? defaultPriorityClass(store) : store.get(PRIORITIES, name)?.object;
  if (found === undefined && name !== '') refuse(review, `no PriorityClass with name ${name} was found`);
  const priority = numberAt(found, 'value') ?? 0;
  const given = numberAt(spec, 'priority');
  const computed = 'priority admission controller computed';
  if (given !== undefined && given !== priority) {
    refuse(
      review,
      `the integer value of priority (${String(given)}) must not be provided in pod spec; ${computed} ${String(priority)} from the given PriorityClass name`,
    );
  }
  const policy = textAt(found, 'preemptionPolicy') || 'PreemptLowerPriority';
  const wanted = textAt(spec, 'preemptionPolicy');
  if (wanted !== '' && wanted !== policy) {
    refuse(
      review,
      `the string value of PreemptionPolicy (${wanted}) must not be provided in pod spec; ${computed} ${policy} from the given PriorityClass name`,
    );
  }
  if (found !== undefined) spec['priorityClassName'] = found.metadata.name;
  spec['priority'] = priority;
  spec['preemptionPolicy'] = policy;
}

function followRuntimeClass(store: Store, review: Review, pod: Draft): void {
  const spec = ensureMap(pod, 'spec');
  const name = textAt(spec, 'runtimeClassName');
  const found = name === '' ? undefined : store.get('runtimeclasses.node.k8s.io', name)?.object;
  if (found === undefined && name !== '') {
    refuse(review, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  }
  const fixed = mapAt(mapAt(found, 'overhead'), 'podFixed');
  const overhead = mapAt(spec, 'overhead');
  if (fixed === undefined && overhead !== undefined) {
    refuse(review, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }
  if (fixed !== undefined) {
    if (overhead !== undefined && !same(fixed, overhead, 'overhead')) {
      refuse(review, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    spec['overhead'] = { ...fixed };
  }
  const scheduling = mapAt(found, 'scheduling');
  if (scheduling !== undefined) schedule(review, spec, scheduling);
}

function schedule(review: Review, spec: DraftMap, scheduling: DraftMap): void {
  const selector = mapAt(spec, 'nodeSelector') ?? {};
  for (const [key, value] of Object.entries(mapAt(scheduling, 'nodeSelector') ?? {})) {
    const own = textAt(selector, key);
    if (key in selector && own !== value) {
      refuse(
        review,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${String(value)}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    }
    selector[key] = value;
  }
  if (Object.keys(selector).length > 0) spec['nodeSelector'] = selector;
  // Those that every Pod has come first.
  tolerateSickNodes(spec);
  const tolerations = mapsAt(spec, 'tolerations');
  const added = mapsAt(scheduling, 'tolerations').filter((one) => !tolerations.some((other) => same(one, other)));
  spec['tolerations'] = [...tolerations, ...structuredClone(added)];
}

/** The newest of those that an annotation makes the default; of two of one second the first by name. */
function defaultClass(store: Store, shelf: string, annotations: readonly string[]): string | undefined {
  return store
    .list(shelf)
    .map(({ object: { metadata } }) => metadata)
    .filter((metadata) => annotations.some((key) => metadata.annotations?.[key] === 'true'))
    .toSorted((a, b) => (b.creationTimestamp ?? '').localeCompare(a.creationTimestamp ?? ''))[0]?.name;
}

function defaultStorageClass(store: Store, claim: Draft): void {
  const spec = ensureMap(claim, 'spec');
  const annotations = mapAt(claim.metadata, 'annotations') ?? {};
  if (spec['storageClassName'] !== undefined || 'volume.beta.kubernetes.io/storage-class' in annotations) return;
  const name = defaultClass(store, 'storageclasses.storage.k8s.io', [
    'storageclass.kubernetes.io/is-default-class',
    'storageclass.beta.kubernetes.io/is-default-class',
  ]);
  if (name !== undefined) spec['storageClassName'] = name;
}

function defaultIngressClass(store: Store, ingress: Draft): void {
  const spec = ensureMap(ingress, 'spec');
  const annotations = mapAt(ingress.metadata, 'annotations') ?? {};
  if (spec['ingressClassName'] !== undefined || 'kubernetes.io/ingress.class' in annotations) return;
  const key = 'ingressclass.kubernetes.io/is-default-class';
  const name = defaultClass(store, 'ingressclasses.networking.k8s.io', [key]);
  if (name !== undefined) spec['ingressClassName'] = name;
}
