import { isRecord } from '@homeostat/kube';
import { nameOf } from './place.ts';
import type { Step } from './place.ts';

/** Field names that matter wherever a pod may be described: what runs, as whom, with which rights, next to what. */
const POD_FIELDS: ReadonlySet<string> = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
  'image',
  'command',
  'args',
  'env',
  'envFrom',
  'exec',
  'lifecycle',
  'securityContext',
  'privileged',
  'capabilities',
  'volumes',
  'volumeMounts',
  'volumeDevices',
  'hostPath',
  'hostPort',
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'hostUsers',
  'hostAliases',
  'dnsConfig',
  'dnsPolicy',
  'shareProcessNamespace',
  'serviceAccount',
  'serviceAccountName',
  'automountServiceAccountToken',
  'imagePullSecrets',
  'runtimeClassName',
  'nodeName',
  'resourceClaims',
]);

/** What decides when an object goes. */
const LIFECYCLE: ReadonlySet<string> = new Set(['finalizers', 'ownerReferences']);

/** Groups of which every field decides about rights, admission or reach. */
const GROUPS: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiregistration.k8s.io',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
]);

/** Kinds beside them, with the fields that do; `*`: all. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  Service: ['type', 'externalIPs', 'externalName', 'selector', 'ports', 'loadBalancerIP', 'loadBalancerSourceRanges'],
  Endpoints: ['*'],
  EndpointSlice: ['*'],
  ServiceAccount: ['*'],
  CustomResourceDefinition: ['conversion'],
  StorageClass: ['*'],
  PersistentVolume: ['*'],
};

/** Labels and annotations by which others are told to loosen something: Pod Security, AppArmor, seccomp, snippets of proxies. */
const LOOSENING = /(?:^|[./-])(?:security|pod-security|apparmor|seccomp|rbac|iam|auth)[./-]|snippet|inject/;

/** Whether an addition deserves to be read first. Errs on the side of yes. */
export function isSecurityRelevant(
  { group, kind }: { readonly group: string; readonly kind: string },
  steps: readonly Step[],
  value: unknown,
): boolean {
  const names = steps.map(nameOf);
  const [first, second = ''] = names;
  if (first === 'metadata') {
    if (LIFECYCLE.has(second)) return true;
    const keys = names.length > 2 ? [names[2] as string] : isRecord(value) ? Object.keys(value) : [];
    return kind === 'ServiceAccount' || keys.some((key) => LOOSENING.test(key));
  }
  if (first === 'data' || first === 'binaryData' || first === 'stringData') return false;
  const listed = KINDS[kind];
  if (GROUPS.has(group) || listed?.includes('*') === true) return true;
  const all = [...names, ...namesIn(value)];
  return all.some((name) => POD_FIELDS.has(name) || listed?.includes(name) === true);
}

function* namesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const item of value) yield* namesIn(item);
  } else if (isRecord(value)) {
    for (const [name, part] of Object.entries(value)) {
      yield name;
      yield* namesIn(part);
    }
  }
}
