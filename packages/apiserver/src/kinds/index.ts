import type { StatusStrategy, Strategy } from '../strategy.ts';
import {
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
} from './admission-policy.ts';
import { apiService } from './api-service.ts';
import { horizontalPodAutoscaler } from './autoscaler.ts';
import { certificateApproval, certificateSigningRequest } from './certificate-request.ts';
import { configMap, secret, serviceAccount } from './core-config.ts';
import { resourceClaim, resourceClaimTemplate } from './device-claim.ts';
import { podDisruptionBudget } from './disruption-budget.ts';
import { endpoints, endpointSlice } from './endpoints.ts';
import { coreEvent, newEvent } from './event.ts';
import { flowSchema, priorityLevelConfiguration } from './flow-control.ts';
import { ingress, ingressClass } from './ingress.ts';
import { plainStrategy, standardFinalizerErrors } from './kind-strategy.ts';
import { lease } from './lease.ts';
import { limitRange } from './limit-range.ts';
import { configKeyErrors } from './meta/formats.ts';
import { ipErrors } from './meta/ip.ts';
import { dnsLabelName, dnsSubdomainName, pathSegmentName } from './meta/object-meta.ts';
import type { NameRule } from './meta/object-meta.ts';
import { namespace } from './namespace.ts';
import { networkPolicy } from './network-policy.ts';
import { node } from './node.ts';
import { persistentVolume } from './persistent-volume.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { ephemeralContainersStrategy } from './pod/pod-strategy.ts';
import { resizeStrategy } from './pod/resize-strategy.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac.ts';
import { resourceQuota } from './resource-quota.ts';
import { priorityClass, runtimeClass } from './scheduling.ts';
import { service } from './service.ts';
import { csiDriver, csiNode, storageClass, volumeAttributesClass } from './storage.ts';
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './webhook-configuration.ts';
import { workloadStrategies } from './workloads/index.ts';

/** `group/Kind` → its strategy; the core group is empty. */
const STRATEGIES: Readonly<Record<string, Strategy>> = {
  '/ConfigMap': configMap,
  '/Endpoints': endpoints,
  '/Event': coreEvent,
  '/LimitRange': limitRange,
  '/Namespace': namespace,
  '/Node': node,
  '/PersistentVolume': persistentVolume,
  '/PersistentVolumeClaim': persistentVolumeClaim,
  '/ResourceQuota': resourceQuota,
  '/Secret': secret,
  '/Service': service,
  '/ServiceAccount': serviceAccount,
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': mutatingAdmissionPolicy,
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': mutatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': mutatingWebhookConfiguration,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': validatingAdmissionPolicy,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': validatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': validatingWebhookConfiguration,
  'apiregistration.k8s.io/APIService': apiService,
  'autoscaling/HorizontalPodAutoscaler': horizontalPodAutoscaler,
  'certificates.k8s.io/CertificateSigningRequest': certificateSigningRequest,
  'coordination.k8s.io/Lease': lease,
  'discovery.k8s.io/EndpointSlice': endpointSlice,
  'events.k8s.io/Event': newEvent,
  'flowcontrol.apiserver.k8s.io/FlowSchema': flowSchema,
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': priorityLevelConfiguration,
  'networking.k8s.io/Ingress': ingress,
  'networking.k8s.io/IngressClass': ingressClass,
  'networking.k8s.io/NetworkPolicy': networkPolicy,
  'node.k8s.io/RuntimeClass': runtimeClass,
  'policy/PodDisruptionBudget': podDisruptionBudget,
  'rbac.authorization.k8s.io/ClusterRole': clusterRole,
  'rbac.authorization.k8s.io/ClusterRoleBinding': clusterRoleBinding,
  'rbac.authorization.k8s.io/Role': role,
  'rbac.authorization.k8s.io/RoleBinding': roleBinding,
  'resource.k8s.io/ResourceClaim': resourceClaim,
  'resource.k8s.io/ResourceClaimTemplate': resourceClaimTemplate,
  'scheduling.k8s.io/PriorityClass': priorityClass,
  'storage.k8s.io/CSIDriver': csiDriver,
  'storage.k8s.io/CSINode': csiNode,
  'storage.k8s.io/StorageClass': storageClass,
  'storage.k8s.io/VolumeAttributesClass': volumeAttributesClass,
  ...Object.fromEntries(
    workloadStrategies.map(({ group, kind, strategy }) => [`${group}/${kind}`, withFinalizers(strategy)]),
  ),
};

/** Kinds that only their schema is known of, and that have a `/status` endpoint: the status of a new object. */
const PLAIN_WITH_STATUS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'certificates.k8s.io/PodCertificateRequest': {},
  'internal.apiserver.k8s.io/StorageVersion': {},
  'networking.k8s.io/ServiceCIDR': {},
  'resource.k8s.io/DeviceTaintRule': {},
  'storage.k8s.io/VolumeAttachment': { attached: false },
  'storagemigration.k8s.io/StorageVersionMigration': {},
};

/** Kinds whose names are not DNS subdomains. */
const NAME_RULES: Readonly<Record<string, NameRule>> = {
  '/Event': pathSegmentName,
  '/Namespace': dnsLabelName,
  '/Service': dnsLabelName,
  'apiregistration.k8s.io/APIService': pathSegmentName,
  'apps/StatefulSet': dnsLabelName,
  'certificates.k8s.io/CertificateSigningRequest': pathSegmentName,
  'coordination.k8s.io/LeaseCandidate': (name) => configKeyErrors(name),
  'internal.apiserver.k8s.io/StorageVersion': pathSegmentName,
  'networking.k8s.io/IPAddress': (name) => ipErrors(name),
  'policy/PodDisruptionBudget': pathSegmentName,
  'rbac.authorization.k8s.io/ClusterRole': pathSegmentName,
  'rbac.authorization.k8s.io/ClusterRoleBinding': pathSegmentName,
  'rbac.authorization.k8s.io/Role': pathSegmentName,
  'rbac.authorization.k8s.io/RoleBinding': pathSegmentName,
};

/** Asks that finalizers without a domain be Kubernetes' own. */
function withFinalizers(strategy: Strategy): Strategy {
  return {
    ...strategy,
    validateCreate: (draft) => [...standardFinalizerErrors(draft), ...strategy.validateCreate(draft)],
    validateUpdate: (draft, old) => [...standardFinalizerErrors(draft), ...strategy.validateUpdate(draft, old)],
  };
}

/** The strategy of a built-in kind; `plainStrategy` for those without one of their own. */
export function strategyOf(group: string, kind: string): Strategy {
  const key = `${group}/${kind}`;
  const known = Object.hasOwn(STRATEGIES, key) ? STRATEGIES[key] : undefined;
  return known ?? plainStrategy(Object.hasOwn(PLAIN_WITH_STATUS, key) ? PLAIN_WITH_STATUS[key] : undefined);
}

/** What the kind asks of names. */
export function nameRuleOf(group: string, kind: string): NameRule {
  const key = `${group}/${kind}`;
  return (Object.hasOwn(NAME_RULES, key) ? NAME_RULES[key] : undefined) ?? dnsSubdomainName;
}

/** The strategy of an endpoint below an object that is neither the object, its status nor its scale. */
export function subresourceStrategyOf(group: string, kind: string, subresource: string): StatusStrategy | undefined {
  switch (`${group}/${kind}/${subresource}`) {
    case '/Pod/ephemeralcontainers':
      return ephemeralContainersStrategy;
    case '/Pod/resize':
      return resizeStrategy;
    case 'certificates.k8s.io/CertificateSigningRequest/approval':
      return certificateApproval;
    default:
      return undefined;
  }
}

export { resetFieldsOf } from './reset-fields.ts';
