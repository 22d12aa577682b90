import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import {
  defaultRules,
  FAILURE_POLICIES,
  MATCH_POLICIES,
  matchConditionErrors,
  ruleErrors,
  selectorErrors,
} from './admission-rules.ts';
import { bounded, each, eachText, oneOf, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dns1035LabelErrors, dnsSubdomainErrors, portNumberErrors } from './meta/formats.ts';

const REVIEWS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const FORM = '; desired format: https://host[/path]';

export const validatingWebhookConfiguration: Strategy = webhookStrategy(false);
export const mutatingWebhookConfiguration: Strategy = webhookStrategy(true);

/** Webhooks are stored, never called. */
function webhookStrategy(mutating: boolean): Strategy {
  return kindStrategy({
    anyFinalizer: true,
    setDefaults(draft) {
      for (const hook of mapsAt(draft, 'webhooks')) {
        setDefault(hook, 'failurePolicy', 'Fail');
        setDefault(hook, 'matchPolicy', 'Equivalent');
        setDefault(hook, 'namespaceSelector', {});
        setDefault(hook, 'objectSelector', {});
        setDefault(hook, 'timeoutSeconds', 10);
        if (mutating) setDefault(hook, 'reinvocationPolicy', 'Never');
        defaultRules(mapsAt(hook, 'rules'));
        const service = mapAt(mapAt(hook, 'clientConfig'), 'service');
        if (service !== undefined) setDefault(service, 'port', 443);
      }
    },
    validate: (draft) => hooksErrors(draft),
  });
}

function hooksErrors(draft: Readonly<Draft>): FieldError[] {
  const names = mapsAt(draft, 'webhooks').map((hook) => textAt(hook, 'name'));
  return each(draft, 'webhooks', '', (hook, path, index) => {
    const name = textAt(hook, 'name');
    const repeated = name !== '' && names.indexOf(name) < index;
    return [
      ...nameErrors(name, `${path}.name`),
      ...each(hook, 'rules', path, ruleErrors),
      ...oneOf(hook, 'failurePolicy', path, FAILURE_POLICIES),
      ...oneOf(hook, 'matchPolicy', path, MATCH_POLICIES),
      ...((hook['sideEffects'] ?? undefined) === undefined
        ? [required(`${path}.sideEffects`, 'must specify one of None, NoneOnDryRun')]
        : oneOf(hook, 'sideEffects', path, SIDE_EFFECTS)),
      ...bounded(hook, 'timeoutSeconds', path, [1, 30], 'the timeout value must be between 1 and 30 seconds'),
      ...selectorErrors(hook, path),
      ...oneOf(hook, 'reinvocationPolicy', path, ['IfNeeded', 'Never']),
      ...clientErrors(mapAt(hook, 'clientConfig') ?? {}, `${path}.clientConfig`),
      ...matchConditionErrors(hook, path),
      ...reviewErrors(hook, path),
      ...(repeated ? [duplicate(`${path}.name`, name)] : []),
    ];
  });
}

/** A domain name of at least three labels. */
function nameErrors(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const texts = dnsSubdomainErrors(name);
  if (texts.length > 0) return [invalid(field, name, texts.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalid(field, name, 'should be a domain with at least three segments separated by dots')];
}

function clientErrors(client: DraftMap, path: string): FieldError[] {
  const url = client['url'];
  const service = mapAt(client, 'service');
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  return service === undefined ? urlErrors(String(url), `${path}.url`) : serviceErrors(service, `${path}.service`);
}

function urlErrors(text: string, field: string): FieldError[] {
  const parts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  const [, scheme = '', authority = '', query = '', fragment = ''] = parts ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  return [
    ...(scheme.toLowerCase() === 'https'
      ? []
      : [invalid(field, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`)]),
    ...(host === '' ? [invalid(field, host, `host must be specified${FORM}`)] : []),
    ...(at < 0 ? [] : [invalid(field, authority.slice(0, at), 'user information is not permitted in the URL')]),
    ...(fragment === '' ? [] : [invalid(field, fragment, 'fragments are not permitted in the URL')]),
    ...(query === '' ? [] : [invalid(field, query, 'query parameters are not permitted in the URL')]),
  ];
}

function serviceErrors(service: DraftMap, path: string): FieldError[] {
  const port = numberAt(service, 'port') ?? 0;
  const portTexts = portNumberErrors(port);
  const urlPath = service['path'];
  return [
    // The real server mistakes one for the other.
    ...(textAt(service, 'namespace') === '' ? [required(`${path}.name`)] : []),
    ...(textAt(service, 'name') === '' ? [required(`${path}.namespace`)] : []),
    ...(portTexts.length === 0 ? [] : [invalid(`${path}.port`, port, `port is not valid: ${portTexts.join(', ')}`)]),
    ...(typeof urlPath === 'string' ? wrong(`${path}.path`, urlPath, pathTexts(urlPath)) : []),
  ];
}

function pathTexts(path: string): readonly string[] {
  if (path === '/' || path === '') return [];
  if (path === '//') return ['segment[0] may not be empty'];
  const texts = path.startsWith('/') ? [] : ["must start with a '/'"];
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  return [
    ...texts,
    ...segments.flatMap((segment, index) =>
      segment === ''
        ? [`segment[${index}] may not be empty`]
        : dnsSubdomainErrors(segment).map((text) => `segment[${index}]: ${text}`),
    ),
  ];
}

function reviewErrors(hook: DraftMap, path: string): FieldError[] {
  const field = `${path}.admissionReviewVersions`;
  const versions = listAt(hook, 'admissionReviewVersions');
  if (versions.length === 0) return [required(field, 'must specify one of v1, v1beta1')];
  const errors = eachText(hook, 'admissionReviewVersions', path, (version, at, index) =>
    versions.indexOf(version) < index
      ? [invalid(at, version, 'duplicate version')]
      : wrong(at, version, dns1035LabelErrors(version)),
  );
  if (versions.some((version) => REVIEWS.includes(String(version)))) return errors;
  return [...errors, invalid(field, versions, 'must include at least one of v1, v1beta1')];
}
