import type { Draft, DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import { dnsLabelErrors } from '../meta/formats.ts';
import { legacyIpErrors, parseIp } from '../meta/ip.ts';
import { overlapWarnings } from './overlap-warnings.ts';
import { portWarnings } from './port-warnings.ts';
import { appArmorProfile } from './prepare-pod.ts';
import { quantityOf } from './resource-list.ts';
import { item } from './rules.ts';
import { nodeWarnings, podAffinityWarnings, spreadWarnings } from './scheduling-warnings.ts';
import { visitContainers } from './visit-containers.ts';

/** What a new Pod had better not say, though it may. */
export function podWarnings(draft: Readonly<Draft>): readonly string[] {
  const name = textAt(draft.metadata, 'name');
  const spec = mapAt(draft, 'spec') ?? {};
  return [
    ...nameWarnings(name, "the Pod's hostname"),
    ...appArmorWarnings(draft.metadata, spec, 'metadata', false),
    ...specWarnings(spec, draft.metadata, 'spec', 'metadata'),
  ];
}

/** What a template had better not say. `field` is where it stands. */
export function templateWarnings(template: DraftMap | undefined, field: string): readonly string[] {
  if (template === undefined) return [];
  const metadata = mapAt(template, 'metadata') ?? {};
  const spec = mapAt(template, 'spec') ?? {};
  return [
    ...specWarnings(spec, metadata, `${field}.spec`, `${field}.metadata`),
    ...appArmorWarnings(metadata, spec, `${field}.metadata`, true),
  ];
}

/** Names of objects become part of names that are labels of DNS. */
export function nameWarnings(name: string, use = 'Pod names and hostnames'): readonly string[] {
  const texts = dnsLabelErrors(name);
  if (texts.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${texts.join(' ')}]`,
  ];
}

const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

const OLD_VOLUMES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageOS: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

function specWarnings(spec: DraftMap, metadata: DraftMap, field: string, metaField: string): readonly string[] {
  const annotations = mapAt(metadata, 'annotations') ?? {};
  const grace = numberAt(spec, 'terminationGracePeriodSeconds') ?? 0;
  return [
    ...nodeWarnings(spec, field),
    ...spreadWarnings(spec, `${field}.topologySpreadConstraints`),
    ...Object.entries(OLD_ANNOTATIONS).flatMap(([key, text]) =>
      annotations[key] === undefined ? [] : [`${metaField}.annotations[${key}]: ${text}`],
    ),
    ...mapsAt(spec, 'volumes').flatMap((volume, index) => volumeWarnings(volume, item(`${field}.volumes`, index))),
    ...overlapWarnings(mapsAt(spec, 'volumes')),
    ...repeatWarnings(spec, 'hostAliases', 'ip', field),
    ...repeatWarnings(spec, 'imagePullSecrets', 'name', field),
    ...mapsAt(spec, 'imagePullSecrets').flatMap((secret, index) =>
      textAt(secret, 'name') === '' ? [`${item(`${field}.imagePullSecrets`, index)}.name: invalid empty name ""`] : [],
    ),
    ...fractionWarnings(mapAt(spec, 'overhead'), `${field}.overhead`),
    ...seccompWarnings(annotations, spec, metaField),
    ...visitContainers(spec, field).flatMap(([container, at]) => containerWarnings(container, at)),
    ...portWarnings(visitContainers(spec, field)),
    ...(grace < 0
      ? [`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...podAffinityWarnings(spec, `${field}.affinity`),
    ...addressWarnings(spec, field),
  ];
}

function volumeWarnings(volume: DraftMap, field: string): readonly string[] {
  const claim = mapAt(mapAt(volume, 'ephemeral'), 'volumeClaimTemplate');
  return [
    ...Object.entries(OLD_VOLUMES).flatMap(([kind, text]) =>
      // The field is spelled in another way than the kind of volume here.
      mapAt(volume, kind === 'storageOS' ? 'storageos' : kind) === undefined ? [] : [`${field}.${kind}: ${text}`],
    ),
    ...(claim === undefined
      ? []
      : claimWarnings(mapAt(claim, 'spec') ?? {}, `${field}.ephemeral.volumeClaimTemplate.spec`)),
  ];
}

/** Storage comes in whole bytes. */
export function claimWarnings(spec: DraftMap, field: string): readonly string[] {
  return ['requests', 'limits'].flatMap((kind) =>
    fraction(mapAt(mapAt(spec, 'resources'), kind)?.['storage'], `${field}.resources.${kind}[storage]`),
  );
}

function fraction(amount: unknown, field: string): readonly string[] {
  if (quantityOf(amount).nano % 1_000_000_000n === 0n) return [];
  return [`${field}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`];
}

function fractionWarnings(list: DraftMap | undefined, field: string): readonly string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) => fraction(list?.[name], `${field}[${name}]`));
}

function repeatWarnings(spec: DraftMap, list: string, name: string, field: string): readonly string[] {
  const seen = new Set<string>();
  return mapsAt(spec, list).flatMap((one, index) => {
    const value = textAt(one, name);
    if (seen.has(value)) {
      return [`${item(`${field}.${list}`, index)}.${name}: duplicate ${name} ${JSON.stringify(value)}`];
    }
    seen.add(value);
    return [];
  });
}

const SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';

function seccompWarnings(annotations: DraftMap, spec: DraftMap, metaField: string): readonly string[] {
  const key = 'seccomp.security.alpha.kubernetes.io/pod';
  const hasField = mapAt(mapAt(spec, 'securityContext'), 'seccompProfile') !== undefined;
  const ofContainers = visitContainers(spec, '').flatMap(([container]) => {
    const own = `container.seccomp.security.alpha.kubernetes.io/${textAt(container, 'name')}`;
    const isField = mapAt(mapAt(container, 'securityContext'), 'seccompProfile') !== undefined;
    return isField || annotations[own] === undefined ? [] : [`${metaField}.annotations[${own}]: ${SECCOMP}`];
  });
  return [
    ...(hasField || annotations[key] === undefined ? [] : [`${metaField}.annotations[${key}]: ${SECCOMP}`]),
    ...ofContainers,
  ];
}

/**
 * AppArmor by annotation is old. A Pod has taken over what the annotation says by now, so there the warning is due where
 * that differed from the profile of the whole Pod, or meant nothing.
 */
function appArmorWarnings(
  metadata: DraftMap,
  spec: DraftMap,
  metaField: string,
  isTemplate: boolean,
): readonly string[] {
  const annotations = mapAt(metadata, 'annotations');
  const ofPod = mapAt(mapAt(spec, 'securityContext'), 'appArmorProfile');
  return visitContainers(spec, '').flatMap(([container]) => {
    const key = `container.apparmor.security.beta.kubernetes.io/${textAt(container, 'name')}`;
    const annotation = annotations?.[key];
    const own = mapAt(mapAt(container, 'securityContext'), 'appArmorProfile');
    if (typeof annotation !== 'string' || (isTemplate && own !== undefined)) return [];
    const profile = appArmorProfile(annotation);
    const same =
      profile !== undefined &&
      ofPod?.['type'] === profile.type &&
      ofPod['localhostProfile'] === profile.localhostProfile;
    const text = 'deprecated since v1.30; use the "appArmorProfile" field instead';
    return same ? [] : [`${metaField}.annotations[${key}]: ${text}`];
  });
}

function containerWarnings(container: DraftMap, field: string): readonly string[] {
  const resources = mapAt(container, 'resources');
  const amounts = ['memory', 'ephemeral-storage'].flatMap((name) =>
    ['limits', 'requests'].flatMap((kind) =>
      fraction(mapAt(resources, kind)?.[name], `${field}.resources.${kind}[${name}]`),
    ),
  );
  const seen = new Set<string>();
  const hidden = mapsAt(container, 'env').flatMap((variable, index) => {
    const name = textAt(variable, 'name');
    const value = textAt(variable, 'value');
    const again = seen.has(name);
    seen.add(name);
    const reference = `$(${name})`;
    const buildsOn = value !== reference && value.includes(reference) && variable['valueFrom'] === undefined;
    if (!again || buildsOn) return [];
    const text = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
    return [`${item(`${field}.env`, index)}: ${text}`];
  });
  return [...amounts, ...hidden];
}

function addressWarnings(spec: DraftMap, field: string): readonly string[] {
  const addresses = [
    ...listAt(mapAt(spec, 'dnsConfig'), 'nameservers').map(
      (address, index) => [item(`${field}.dnsConfig.nameservers`, index), String(address)] as const,
    ),
    ...mapsAt(spec, 'hostAliases').map(
      (alias, index) => [`${item(`${field}.hostAliases`, index)}.ip`, textAt(alias, 'ip')] as const,
    ),
  ];
  return addresses.flatMap(([at, address]) => {
    const ip = parseIp(address);
    if (ip === undefined || legacyIpErrors(address).length > 0 || ip.canonical === address) return [];
    return [
      `${at}: IPv6 address ${JSON.stringify(address)} should be in RFC 5952 canonical format (${JSON.stringify(ip.canonical)})`,
    ];
  });
}
