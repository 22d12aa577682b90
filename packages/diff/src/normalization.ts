import { compareQuantities, equalJson, isRecord, parseDuration, parseQuantity } from '@homeostat/kube';
import { endsIn } from './place.ts';
import type { Place } from './place.ts';

/**
 * What the API server adds inside values that we own as a whole (atomic ones: managedFields has them as one leaf, so what
 * it added there and what someone else put there look alike). An extra that is in no row goes to the server once.
 *
 * Every row is true on Kubernetes 1.37.2; `test/settled.cluster.test.ts` holds each one against a real API server.
 */
export interface DefaultRow {
  /** `Kind.group`s; every built-in kind when absent. */
  readonly kinds?: readonly string[];
  /** Where the map stands that the server adds to: the last steps of its path, `[]` for an item of a list. */
  readonly at: readonly string[];
  readonly adds: Readonly<Record<string, unknown>>;
}

const POLICIES = ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'].map(
  (kind) => `${kind}.admissionregistration.k8s.io`,
);
const BINDINGS = POLICIES.map((kind) => kind.replace('Policy.', 'PolicyBinding.'));
const WEBHOOKS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map(
  (kind) => `${kind}.admissionregistration.k8s.io`,
);
const RBAC_BINDINGS = ['RoleBinding.rbac.authorization.k8s.io', 'ClusterRoleBinding.rbac.authorization.k8s.io'];
const JOBS = ['Job.batch', 'CronJob.batch'];
const ROLLING_DEPLOYMENT = { maxSurge: '25%', maxUnavailable: '25%' };
const ANY_RULE = { scope: '*' };
const ANY_MATCH = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} };

const steps = (path: string): readonly string[] => path.split('.');

export const SERVER_DEFAULTS: readonly DefaultRow[] = [
  { at: steps('fieldRef'), adds: { apiVersion: 'v1' } },
  { at: steps('resourceFieldRef'), adds: { divisor: '0' } },
  { at: steps('projected.sources.[].serviceAccountToken'), adds: { expirationSeconds: 3600 } },
  {
    kinds: ['StatefulSet.apps'],
    at: steps('spec.volumeClaimTemplates.[]'),
    adds: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } },
  },
  { kinds: ['StatefulSet.apps'], at: steps('spec.volumeClaimTemplates.[].spec'), adds: { volumeMode: 'Filesystem' } },
  { kinds: ['StatefulSet.apps'], at: steps('spec.volumeClaimTemplates.[].status'), adds: { phase: 'Pending' } },
  {
    kinds: ['Deployment.apps'],
    at: steps('spec.strategy'),
    adds: { type: 'RollingUpdate', rollingUpdate: ROLLING_DEPLOYMENT },
  },
  { kinds: ['Deployment.apps'], at: steps('spec.strategy.rollingUpdate'), adds: ROLLING_DEPLOYMENT },
  {
    kinds: ['StatefulSet.apps'],
    at: steps('spec.updateStrategy'),
    adds: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
  },
  {
    kinds: ['StatefulSet.apps'],
    at: steps('spec.persistentVolumeClaimRetentionPolicy'),
    adds: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  },
  {
    kinds: ['DaemonSet.apps'],
    at: steps('spec.updateStrategy'),
    adds: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  },
  { kinds: ['Endpoints'], at: steps('subsets.[].ports.[]'), adds: { protocol: 'TCP' } },
  { kinds: ['EndpointSlice.discovery.k8s.io'], at: steps('ports.[]'), adds: { name: '', protocol: 'TCP' } },
  { kinds: ['EndpointSlice.discovery.k8s.io'], at: steps('endpoints.[]'), adds: { conditions: {} } },
  { kinds: ['NetworkPolicy.networking.k8s.io'], at: steps('ingress.[].ports.[]'), adds: { protocol: 'TCP' } },
  { kinds: ['NetworkPolicy.networking.k8s.io'], at: steps('egress.[].ports.[]'), adds: { protocol: 'TCP' } },
  { kinds: WEBHOOKS, at: steps('webhooks.[].rules.[]'), adds: ANY_RULE },
  { kinds: POLICIES, at: steps('spec.matchConstraints'), adds: ANY_MATCH },
  { kinds: POLICIES, at: steps('spec.matchConstraints.resourceRules.[]'), adds: ANY_RULE },
  { kinds: POLICIES, at: steps('spec.matchConstraints.excludeResourceRules.[]'), adds: ANY_RULE },
  { kinds: BINDINGS, at: steps('spec.matchResources'), adds: ANY_MATCH },
  { kinds: BINDINGS, at: steps('spec.matchResources.resourceRules.[]'), adds: ANY_RULE },
  { kinds: BINDINGS, at: steps('spec.matchResources.excludeResourceRules.[]'), adds: ANY_RULE },
  { kinds: RBAC_BINDINGS, at: steps('roleRef'), adds: { apiGroup: 'rbac.authorization.k8s.io' } },
  { kinds: RBAC_BINDINGS, at: steps('subjects.[]'), adds: { apiGroup: 'rbac.authorization.k8s.io' } },
  { kinds: JOBS, at: steps('podFailurePolicy.rules.[].onPodConditions.[]'), adds: { status: 'True' } },
  ...['exactly', 'firstAvailable.[]'].map((request) => ({
    kinds: ['ResourceClaim.resource.k8s.io', 'ResourceClaimTemplate.resource.k8s.io'],
    at: steps(`devices.requests.[].${request}`),
    adds: { allocationMode: 'ExactCount', count: 1 },
  })),
];

/** Whether the server itself puts this extra into the map that stands at `place`. */
export function isServerDefault(place: Place, name: string, value: unknown): boolean {
  return SERVER_DEFAULTS.some((row) => isAddedBy(row, place, name, value));
}

/** The same for one row. */
export function isAddedBy({ kinds, at, adds }: DefaultRow, place: Place, name: string, value: unknown): boolean {
  return (
    (kinds === undefined ? place.kind !== '' : kinds.includes(place.kind)) &&
    Object.hasOwn(adds, name) &&
    endsIn(place, at) &&
    equalJson(adds[name], value)
  );
}

/** Where built-in kinds hold quantities, which the server writes in canonical form. */
const QUANTITIES: readonly { readonly kinds?: readonly string[]; readonly tail: readonly string[] }[] = [
  { tail: ['resources', 'limits', '*'] },
  { tail: ['resources', 'requests', '*'] },
  { tail: ['emptyDir', 'sizeLimit'] },
  { tail: ['resourceFieldRef', 'divisor'] },
  { kinds: ['PersistentVolume'], tail: ['spec', 'capacity', '*'] },
  { kinds: ['CSIStorageCapacity.storage.k8s.io'], tail: ['capacity'] },
  { kinds: ['CSIStorageCapacity.storage.k8s.io'], tail: ['maximumVolumeSize'] },
  { kinds: ['ResourceQuota'], tail: ['spec', 'hard', '*'] },
  { kinds: ['RuntimeClass.node.k8s.io'], tail: ['overhead', 'podFixed', '*'] },
  ...['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'].map((name) => ({
    kinds: ['LimitRange'],
    tail: ['limits', '[]', name, '*'],
  })),
  ...['value', 'averageValue'].map((name) => ({
    kinds: ['HorizontalPodAutoscaler.autoscaling'],
    tail: ['target', name],
  })),
];

export function isQuantity(place: Place): boolean {
  return (
    place.kind !== '' &&
    QUANTITIES.some(({ kinds, tail }) => (kinds === undefined || kinds.includes(place.kind)) && endsIn(place, tail))
  );
}

/** Equal amounts, in whatever unit: `1` and `"1"`, `0.5` and `500m`, `1Gi` and `1024Mi`. */
export function equalQuantities(a: unknown, b: unknown): boolean {
  if (!isQuantityText(a) || !isQuantityText(b)) return false;
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left !== undefined && right !== undefined && compareQuantities(left, right) === 0;
}

function isQuantityText(value: unknown): value is string | number | bigint {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

/**
 * Whether two different scalars may be one value written in two ways: quantities, Go durations, points in time, base64
 * with line breaks. Not whether they are: that depends on the field's type, which only the server knows.
 */
export function mayBeSame(a: unknown, b: unknown): boolean {
  if (equalQuantities(a, b)) return true;
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  return (
    equalBy(a, b, parseDuration) || equalBy(a, b, parseTime) || (a.includes('\n') && a.replaceAll(/[\r\n]/g, '') === b)
  );
}

function equalBy(a: string, b: string, parse: (text: string) => number | undefined): boolean {
  const left = parse(a);
  return left !== undefined && left === parse(b);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function parseTime(text: string): number | undefined {
  return TIME.test(text) ? Date.parse(text) : undefined;
}

const KEEP_RAW_JSON = ['CustomResourceDefinition.apiextensions.k8s.io', 'ControllerRevision.apps'];

/**
 * Whether the server drops an empty list wherever it stands: built-in types do not tell it from none. Two kinds hold JSON
 * as it was given (a schema's `default: []`).
 */
export function dropsEmptyLists(place: Place): boolean {
  return place.kind !== '' && !KEEP_RAW_JSON.includes(place.kind);
}

/**
 * Whether what live has may stand there because the server fills in zero numbers and empty texts (a `nodePort: 0` that was
 * allocated). Data, labels and annotations are kept as they are.
 */
export function mayBeFilled(desired: unknown, place: Place): boolean {
  if ((desired !== 0 && desired !== '') || place.kind === '') return false;
  return !endsIn(place, ['data', '*']) && !endsIn(place, ['labels', '*']) && !endsIn(place, ['annotations', '*']);
}

/** What a typed server may leave out when it writes: the zero value of a field's type. */
export function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '' || value === 0n)
    return true;
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && isEmptyRecord(value);
}

function isEmptyRecord(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return false;
  return true;
}
