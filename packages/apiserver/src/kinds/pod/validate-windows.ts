import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../field-error.ts';
import { byteLength } from '../meta/formats.ts';
import { dnsSubdomain } from './rules.ts';
import { visitContainers } from './visit-containers.ts';

export function validateWindowsOptions(context: DraftMap, contextField: string): FieldError[] {
  const options = mapAt(context, 'windowsOptions');
  if (options === undefined) return [];
  const field = `${contextField}.windowsOptions`;
  const name = options['gmsaCredentialSpecName'];
  const spec = options['gmsaCredentialSpec'];
  const user = options['runAsUserName'];
  const errors = typeof name === 'string' ? dnsSubdomain(name, `${field}.gmsaCredentialSpecName`) : [];
  const at = `${field}.gmsaCredentialSpec`;
  if (spec === '') errors.push(invalid(at, spec, 'gmsaCredentialSpec cannot be an empty string'));
  if (typeof spec === 'string' && byteLength(spec) > 64 * 1024) {
    errors.push(invalid(at, spec, 'gmsaCredentialSpec size must be under 64 KiB'));
  }
  if (typeof user !== 'string') return errors;
  return [...errors, ...userNameProblems(user).map((text) => invalid(`${field}.runAsUserName`, user, text))];
}

const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_PART = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS = new RegExp(`^${DNS_PART}(?:\\.${DNS_PART})*$`);
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

function userNameProblems(name: string): readonly string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const problems: string[] = [];
  if (domain !== undefined) {
    if (byteLength(domain) >= 256) problems.push("runAsUserName's Domain length must be under 256 characters");
    if (!NET_BIOS.test(domain) && !DNS.test(domain)) {
      problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  if (byteLength(user) > 104) problems.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return problems;
}

/** Containers that are processes of a Windows node: all of a pod, or none, and in the node's network. */
export function validateHostProcess(spec: DraftMap, field: string): FieldError[] {
  const hostProcess = (owner: DraftMap): unknown =>
    mapAt(mapAt(owner, 'securityContext'), 'windowsOptions')?.['hostProcess'];
  const ofPod = hostProcess(spec);
  const containers = visitContainers(spec, field);
  const errors = containers.flatMap(([container, at]) => {
    const own = hostProcess(container);
    if (typeof ofPod !== 'boolean' || typeof own !== 'boolean' || own === ofPod) return [];
    const text = `pod hostProcess value must be identical if both are specified, was ${String(ofPod)}`;
    return [invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, text)];
  });
  const count = containers.filter(([container]) => (hostProcess(container) ?? ofPod) === true).length;
  if (count === 0) return errors;
  if (count !== containers.length) {
    const text = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalid(field, '', text));
  }
  if (spec['hostNetwork'] !== true) {
    const text = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalid(`${field}.hostNetwork`, false, text));
  }
  return errors;
}

/** What a pod may say that names the operating system of its node. */
export function validateOs(spec: DraftMap, field: string): FieldError[] {
  const os = mapAt(spec, 'os');
  if (os === undefined) return [];
  const name = textAt(os, 'name');
  if (name === '') return [required(`${field}.os.name`)];
  if (name === 'linux') return forbidFields(spec, field, [], ['windowsOptions'], ['windowsOptions'], LINUX_TEXT);
  if (name === 'windows') return forbidFields(spec, field, LINUX_SPEC, LINUX_POD, LINUX_CONTAINER, WINDOWS_TEXT);
  return [notSupported(`${field}.os`, name, ['linux', 'windows'])];
}

const LINUX_TEXT = 'windows options cannot be set for a linux pod';
const WINDOWS_TEXT = 'cannot be set for a windows pod';
const LINUX_SPEC = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'];
const LINUX_POD = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
];
const LINUX_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

function forbidFields(
  spec: DraftMap,
  field: string,
  ofSpec: readonly string[],
  ofPod: readonly string[],
  ofContainer: readonly string[],
  text: string,
): FieldError[] {
  const context = mapAt(spec, 'securityContext');
  return [
    ...ofPod.filter((name) => isSet(context, name)).map((name) => forbidden(`${field}.securityContext.${name}`, text)),
    ...ofSpec.filter((name) => isSet(spec, name)).map((name) => forbidden(`${field}.${name}`, text)),
    ...visitContainers(spec, field).flatMap(([container, at]) =>
      ofContainer
        .filter((name) => isSet(mapAt(container, 'securityContext'), name))
        .map((name) => forbidden(`${at}.securityContext.${name}`, text)),
    ),
  ];
}

/** Whether Go would tell the field from an absent one: the sharing of namespaces with the node is off when it is false. */
function isSet(owner: DraftMap | undefined, name: string): boolean {
  const value = owner?.[name];
  if (value === undefined || value === null) return false;
  if (name === 'hostPID' || name === 'hostIPC') return value === true;
  return name !== 'sysctls' || listAt(owner, name).length > 0;
}
