import type { Draft, DraftMap } from '../draft.ts';
import { mapAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, needText, oneOf, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dns1035LabelErrors, dnsSubdomainErrors, pathSegmentErrors, portNumberErrors } from './meta/formats.ts';

const NOT_PASSED_ON =
  'this server does not pass requests on: what is asked of this API is answered as if nobody had registered it';

/** A registered API; requests for it are not passed on, and whoever registers one is told so. */
export const apiService: Strategy = kindStrategy({
  anyFinalizer: true,
  setDefaults(draft) {
    const service = mapAt(mapAt(draft, 'spec'), 'service');
    if (service !== undefined) setDefault(service, 'port', 443);
  },
  validate(draft) {
    const spec = mapAt(draft, 'spec') ?? {};
    return [...nameErrors(draft), ...versionErrors(spec), ...serviceErrors(spec)];
  },
  warnings(draft, old) {
    const service = mapAt(mapAt(draft, 'spec'), 'service');
    const isNew = mapAt(mapAt(old, 'spec'), 'service') === undefined;
    return service !== undefined && isNew ? [NOT_PASSED_ON] : [];
  },
  status: {
    initial: (draft, { now }) => (mapAt(mapAt(draft, 'spec'), 'service') === undefined ? localStatus(now) : {}),
    metadata: 'closed',
    validate: (draft) =>
      each(mapAt(draft, 'status'), 'conditions', 'status', (condition, path) =>
        oneOf(condition, 'status', path, ['True', 'False', 'Unknown']),
      ),
  },
});

function localStatus(now: string): DraftMap {
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: now,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  return { conditions: [condition] };
}

function nameErrors(draft: Readonly<Draft>): FieldError[] {
  const name = textAt(draft.metadata, 'name');
  const spec = mapAt(draft, 'spec');
  const needed = `${textAt(spec, 'version')}.${textAt(spec, 'group')}`;
  if (name === '' || name === needed || pathSegmentErrors(name).length > 0) return [];
  return [invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(needed)}`)];
}

function versionErrors(spec: DraftMap): FieldError[] {
  const group = textAt(spec, 'group');
  const version = textAt(spec, 'version');
  const within = (name: string, most: number): FieldError[] => {
    const value = numberAt(spec, name) ?? 0;
    const detail = `must be positive and less than ${most}`;
    return value > 0 && value <= most ? [] : [invalid(`spec.${name}`, value, detail)];
  };
  const orphan = group === '' && version !== 'v1';
  return [
    ...(orphan ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')] : []),
    ...(group === '' ? [] : wrong('spec.group', group, dnsSubdomainErrors(group))),
    ...wrong('spec.version', version, dns1035LabelErrors(version)),
    ...within('groupPriorityMinimum', 20_000),
    ...within('versionPriority', 1000),
  ];
}

function serviceErrors(spec: DraftMap): FieldError[] {
  const service = mapAt(spec, 'service');
  const bundle = textAt(spec, 'caBundle');
  const insecure = spec['insecureSkipTLSVerify'] === true;
  const field = 'spec.insecureSkipTLSVerify';
  if (service === undefined) {
    const size = `${Buffer.byteLength(bundle, 'base64')} bytes`;
    return [
      ...(bundle === '' ? [] : [invalid('spec.caBundle', size, 'local APIServices may not have a caBundle')]),
      ...(insecure ? [invalid(field, true, 'local APIServices may not have insecureSkipTLSVerify')] : []),
    ];
  }
  const port = numberAt(service, 'port') ?? 0;
  const texts = portNumberErrors(port);
  return [
    ...needText(service, 'namespace', 'spec.service'),
    ...needText(service, 'name', 'spec.service'),
    ...(texts.length > 0 ? [invalid('spec.service.port', port, `port is not valid: ${texts.join(', ')}`)] : []),
    ...(insecure && bundle !== '' ? [invalid(field, true, 'may not be true if caBundle is present')] : []),
  ];
}
