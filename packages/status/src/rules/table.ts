import { current } from '../status.ts';
import type { Rule, Subject } from '../subject.ts';
import { apiService, customResourceDefinition, horizontalPodAutoscaler, namespace } from './cluster.ts';
import { job } from './job.ts';
import { gateway, gatewayClass, gatewayRoute, ingress, service } from './network.ts';
import { pod } from './pod.ts';
import { persistentVolumeClaim } from './storage.ts';
import { daemonSet, deployment, replicaSet, statefulSet } from './workloads.ts';

const exists: Rule = () => current('Exists', 'the object exists');

/** Kinds that kstatus knows, by `group/Kind`. A rule of these may differ under `strict`. */
const KSTATUS: ReadonlyMap<string, Rule> = new Map([
  ['/ConfigMap', exists],
  ['/Secret', exists],
  ['/Pod', pod],
  ['/Service', service],
  ['/PersistentVolumeClaim', persistentVolumeClaim],
  ['apps/Deployment', deployment],
  ['apps/StatefulSet', statefulSet],
  ['apps/DaemonSet', daemonSet],
  ['apps/ReplicaSet', replicaSet],
  ['extensions/Deployment', deployment],
  ['extensions/DaemonSet', daemonSet],
  ['extensions/ReplicaSet', replicaSet],
  ['batch/Job', job],
  ['batch/CronJob', exists],
  ['policy/PodDisruptionBudget', exists],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinition],
]);

/** Kinds that kstatus judges by the generic rules alone. */
const STRICT_ONLY: ReadonlyMap<string, Rule> = new Map([
  ['/Namespace', namespace],
  ['networking.k8s.io/Ingress', ingress],
  ['extensions/Ingress', ingress],
  ['autoscaling/HorizontalPodAutoscaler', horizontalPodAutoscaler],
  ['apiregistration.k8s.io/APIService', apiService],
  ['gateway.networking.k8s.io/GatewayClass', gatewayClass],
  ['gateway.networking.k8s.io/Gateway', gateway],
  ['gateway.networking.k8s.io/HTTPRoute', gatewayRoute],
  ['gateway.networking.k8s.io/GRPCRoute', gatewayRoute],
  ['gateway.networking.k8s.io/TLSRoute', gatewayRoute],
  ['gateway.networking.k8s.io/TCPRoute', gatewayRoute],
  ['gateway.networking.k8s.io/UDPRoute', gatewayRoute],
]);

/** Groups whose kinds are built into Kubernetes: one of these without a status never gets one. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** The rule made for the object's kind. */
export function kindRule({ ref, strict }: Subject): Rule | undefined {
  const key = `${ref.group}/${ref.kind}`;
  return KSTATUS.get(key) ?? (strict ? STRICT_ONLY.get(key) : undefined);
}

export function isBuiltIn(group: string): boolean {
  return BUILT_IN_GROUPS.has(group);
}
