import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import { humanDuration, since } from '../human-duration.ts';
import {
  ageOf,
  byText,
  count,
  flag,
  formatLabels,
  isDeleted,
  nameOf,
  shown,
  sizeAt,
  specOf,
  statusOf,
  textOr,
  textsAt,
} from './format.ts';
import type { Cells } from './format.ts';

const nameAndAge: Cells = (object, now) => [nameOf(object), ageOf(object, now)];

const roleBinding: Cells = (object, now) => {
  const role = mapAt(object, 'roleRef');
  const subjects = mapsAt(object, 'subjects');
  const names = (kind: string, show: (subject: DraftMap) => string): string =>
    subjects
      .filter((subject) => subject['kind'] === kind)
      .map(show)
      .join(', ');
  const name = (subject: DraftMap): string => textAt(subject, 'name');
  return [
    nameOf(object),
    `${textAt(role, 'kind')}/${textAt(role, 'name')}`,
    ageOf(object, now),
    names('User', name),
    names('Group', name),
    names('ServiceAccount', (subject) => `${textAt(subject, 'namespace')}/${name(subject)}`),
  ];
};

const disruptionBudget: Cells = (object, now) => [
  nameOf(object),
  shown(specOf(object), 'minAvailable', 'N/A'),
  shown(specOf(object), 'maxUnavailable', 'N/A'),
  count(statusOf(object), 'disruptionsAllowed'),
  ageOf(object, now),
];

const priorityClass: Cells = (object, now) => [
  nameOf(object),
  count(object, 'value'),
  flag(object, 'globalDefault'),
  ageOf(object, now),
  textAt(object, 'preemptionPolicy'),
];

const lease: Cells = (object, now) => [nameOf(object), textAt(specOf(object), 'holderIdentity'), ageOf(object, now)];

const runtimeClass: Cells = (object, now) => [nameOf(object), textAt(object, 'handler'), ageOf(object, now)];

const webhooks: Cells = (object, now) => [nameOf(object), sizeAt(object, 'webhooks'), ageOf(object, now)];

const admissionPolicy =
  (field: 'validations' | 'mutations'): Cells =>
  (object, now) => {
    const parameters = mapAt(specOf(object), 'paramKind');
    return [
      nameOf(object),
      sizeAt(specOf(object), field),
      parameters === undefined ? '<unset>' : `${textAt(parameters, 'apiVersion')}/${textAt(parameters, 'kind')}`,
      ageOf(object, now),
    ];
  };

const admissionBinding: Cells = (object, now) => [
  nameOf(object),
  textAt(specOf(object), 'policyName'),
  parametersOf(mapAt(specOf(object), 'paramRef')),
  ageOf(object, now),
];

function parametersOf(reference: DraftMap | undefined): string {
  const name = textAt(reference, 'name');
  if (name !== '') return `${textOr(reference, 'namespace', '*')}/${name}`;
  const selector = mapAt(reference, 'selector');
  return selector === undefined ? '<unset>' : goSelector(selector);
}

/** As Go prints the struct. */
function goSelector(selector: DraftMap): string {
  const labels = Object.entries(mapAt(selector, 'matchLabels') ?? {})
    .toSorted(([a], [b]) => byText(a, b))
    .map(([key, value]) => `${key}: ${String(value)},`);
  const expressions = mapsAt(selector, 'matchExpressions').map((one) => {
    const values = textsAt(one, 'values').join(' ');
    return `LabelSelectorRequirement{Key:${textAt(one, 'key')},Operator:${textAt(one, 'operator')},Values:[${values}],},`;
  });
  const lists = `MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},`;
  return `&LabelSelector{${lists}}`;
}

const flowSchema: Cells = (object, now) => {
  const spec = specOf(object);
  const dangling = mapsAt(statusOf(object), 'conditions').find(({ type }) => type === 'Dangling');
  return [
    nameOf(object),
    textAt(mapAt(spec, 'priorityLevelConfiguration'), 'name'),
    count(spec, 'matchingPrecedence'),
    textOr(mapAt(spec, 'distinguisherMethod'), 'type', '<none>'),
    ageOf(object, now),
    dangling === undefined ? '?' : textAt(dangling, 'status'),
  ];
};

/** FlowSchemas are listed in the order in which they are tried. */
export function byPrecedence(a: DraftMap, b: DraftMap): number {
  const precedence = (object: DraftMap): number => count(specOf(object), 'matchingPrecedence');
  return precedence(a) - precedence(b) || byText(nameOf(a), nameOf(b));
}

const priorityLevel: Cells = (object, now) => {
  const limited = mapAt(specOf(object), 'limited');
  const queuing = mapAt(mapAt(limited, 'limitResponse'), 'queuing');
  const queueCell = (field: string): string | number => (queuing === undefined ? '<none>' : count(queuing, field));
  return [
    nameOf(object),
    textAt(specOf(object), 'type'),
    limited === undefined ? '<none>' : count(limited, 'nominalConcurrencyShares'),
    queueCell('queues'),
    queueCell('handSize'),
    queueCell('queueLengthLimit'),
    ageOf(object, now),
  ];
};

const certificateSigningRequest: Cells = (object, now) => {
  const spec = specOf(object);
  const seconds = spec?.['expirationSeconds'];
  return [
    nameOf(object),
    ageOf(object, now),
    textOr(spec, 'signerName', '<none>'),
    textAt(spec, 'username'),
    typeof seconds === 'number' ? humanDuration(seconds * 1000) : '<none>',
    signingStatus(object),
  ];
};

function signingStatus(object: DraftMap): string {
  const types = new Set(mapsAt(statusOf(object), 'conditions').map(({ type }) => type));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  const failed = types.has('Failed') ? ',Failed' : '';
  return `${decision}${failed}${textAt(statusOf(object), 'certificate') === '' ? '' : ',Issued'}`;
}

const trustBundle: Cells = (object) => [nameOf(object), textOr(specOf(object), 'signerName', '<none>')];

const podCertificateRequest: Cells = (object) => {
  const spec = specOf(object);
  const types = mapsAt(statusOf(object), 'conditions').map((condition) => textAt(condition, 'type'));
  return [
    nameOf(object),
    textAt(spec, 'podName'),
    textAt(spec, 'serviceAccountName'),
    textAt(spec, 'nodeName'),
    textAt(spec, 'signerName'),
    types.findLast((type) => ['Issued', 'Denied', 'Failed'].includes(type)) ?? 'Pending',
    formatLabels(mapAt(spec, 'unverifiedUserAnnotations')),
  ];
};

const resourceClaim: Cells = (object, now) => {
  const status = statusOf(object);
  const allocated = mapAt(status, 'allocation') !== undefined;
  const states = [
    ...(isDeleted(object) ? ['deleted'] : []),
    ...(allocated ? ['allocated'] : isDeleted(object) ? [] : ['pending']),
    ...(allocated && sizeAt(status, 'reservedFor') > 0 ? ['reserved'] : []),
  ];
  return [nameOf(object), states.join(','), ageOf(object, now)];
};

const resourceSlice: Cells = (object, now) => {
  const spec = specOf(object);
  return [
    nameOf(object),
    textAt(spec, 'nodeName'),
    textAt(spec, 'driver'),
    textAt(mapAt(spec, 'pool'), 'name'),
    ageOf(object, now),
  ];
};

const deviceTaintRule: Cells = (object, now) => {
  const taint = mapAt(specOf(object), 'taint');
  const added = textAt(taint, 'timeAdded');
  return [
    nameOf(object),
    textAt(taint, 'key'),
    textAt(taint, 'value'),
    textAt(taint, 'effect'),
    added === '' ? '' : since(added, now),
    ageOf(object, now),
  ];
};

const storageVersionMigration: Cells = (object) => {
  const resource = mapAt(specOf(object), 'resource');
  const group = textAt(resource, 'group');
  const holding = mapsAt(statusOf(object), 'conditions').filter(({ status }) => status === 'True');
  const types = holding.map((condition) => textAt(condition, 'type'));
  return [
    nameOf(object),
    `${textAt(resource, 'resource')}${group === '' ? '' : `.${group}`}`,
    types.findLast((type) => ['Running', 'Failed', 'Succeeded'].includes(type)) ?? 'Unknown',
  ];
};

/** By `group/Kind`. */
export const otherCells: Readonly<Record<string, Cells>> = {
  'rbac.authorization.k8s.io/RoleBinding': roleBinding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': roleBinding,
  'policy/PodDisruptionBudget': disruptionBudget,
  'scheduling.k8s.io/PriorityClass': priorityClass,
  'coordination.k8s.io/Lease': lease,
  'node.k8s.io/RuntimeClass': runtimeClass,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': admissionPolicy('validations'),
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': admissionPolicy('mutations'),
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': admissionBinding,
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': admissionBinding,
  'flowcontrol.apiserver.k8s.io/FlowSchema': flowSchema,
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': priorityLevel,
  'certificates.k8s.io/CertificateSigningRequest': certificateSigningRequest,
  'certificates.k8s.io/ClusterTrustBundle': trustBundle,
  'certificates.k8s.io/PodCertificateRequest': podCertificateRequest,
  'resource.k8s.io/DeviceClass': nameAndAge,
  'resource.k8s.io/ResourceClaim': resourceClaim,
  'resource.k8s.io/ResourceClaimTemplate': nameAndAge,
  'resource.k8s.io/ResourceSlice': resourceSlice,
  'resource.k8s.io/DeviceTaintRule': deviceTaintRule,
  'storagemigration.k8s.io/StorageVersionMigration': storageVersionMigration,
};
