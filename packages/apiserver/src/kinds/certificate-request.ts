import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { StatusStrategy, Strategy, StrategyContext } from '../strategy.ts';
import { each, eachText, late } from './checks.ts';
import { equal } from './equal.ts';
import { keep, kindStrategy } from './kind-strategy.ts';
import { dnsLabelErrors, dnsSubdomainErrors } from './meta/formats.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const DECISIONS = ['Approved', 'Denied'];

/** Nothing signs here. Of the request it is checked that it is one, not its signature. */
export const certificateSigningRequest: Strategy = kindStrategy({
  prepareCreate: recordUser,
  prepareUpdate: (draft, old) => keep(draft, old, 'spec'),
  validate: (draft) => [...specErrors(mapAt(draft, 'spec') ?? {}), ...conditionErrors(draft)],
  status: {
    initial: () => ({}),
    metadata: 'open',
    prepareUpdate(draft, old) {
      // Who decides is asked at the approval endpoint.
      const kept = conditionsOf(old).filter(isDecision);
      const others = conditionsOf(draft).filter((condition) => !isDecision(condition));
      const conditions = [...kept, ...others];
      if (conditions.length > 0) ensureMap(draft, 'status')['conditions'] = conditions;
    },
    validate: (draft, old) => [
      ...conditionErrors(draft),
      ...removedErrors(draft, old),
      ...certificateErrors(draft, old, true),
    ],
  },
});

/** The `/approval` endpoint: the conditions of the status, and nothing else. */
export const certificateApproval: StatusStrategy = {
  prepareUpdate(draft, old) {
    const conditions = conditionsOf(draft);
    keep(draft, old, 'spec');
    keep(draft, old, 'status');
    if (conditions.length > 0) ensureMap(draft, 'status')['conditions'] = conditions;
  },
  validateUpdate: (draft, old) => [
    ...conditionErrors(draft),
    ...removedErrors(draft, old),
    ...certificateErrors(draft, old, false),
  ],
};

function recordUser(draft: Draft, { user }: StrategyContext): void {
  const spec = ensureMap(draft, 'spec');
  for (const field of ['username', 'uid', 'groups', 'extra']) delete spec[field];
  if (user === undefined) return;
  spec['username'] = user.username;
  if (user.uid !== undefined && user.uid !== '') spec['uid'] = user.uid;
  if (user.groups !== undefined && user.groups.length > 0) spec['groups'] = [...user.groups];
}

function specErrors(spec: DraftMap): FieldError[] {
  const usages = listAt(spec, 'usages');
  const request = textAt(spec, 'request');
  const pem = Buffer.from(request, 'base64').toString('latin1');
  const isRequest = /-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END CERTIFICATE REQUEST-----/.test(pem);
  const expiration = numberAt(spec, 'expirationSeconds');
  const tooShort = 'may not specify a duration less than 600 seconds (10 minutes)';
  return [
    ...(isRequest ? [] : [invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')]),
    ...(usages.length === 0 ? [required('spec.usages')] : []),
    ...eachText(spec, 'usages', 'spec', (usage, path) =>
      USAGES.includes(usage) ? [] : [notSupported(path, usage, USAGES)],
    ),
    ...eachText(spec, 'usages', 'spec', (usage, path, index) =>
      usages.indexOf(usage) < index ? [duplicate(path, usage)] : [],
    ),
    ...signerErrors(textAt(spec, 'signerName'), 'spec.signerName'),
    ...(expiration !== undefined && expiration < 600 ? [invalid('spec.expirationSeconds', expiration, tooShort)] : []),
  ];
}

function signerErrors(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  if (name === 'kubernetes.io/legacy-unknown') {
    return [invalid(field, name, 'the legacy signerName is not allowed via this API version')];
  }
  const [domain = '', path = '', ...more] = name.split('/');
  if (more.length > 0 || !name.includes('/')) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(field, name, detail)];
  }
  const labels = domain.split('.');
  const errors = firstWrong(labels, dnsLabelErrors).map((text) => invalid(field, domain, text));
  if (labels.length < 2) {
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  }
  const texts = firstWrong(path.split('.'), dnsSubdomainErrors);
  return [...errors, ...texts.map((text) => invalid(field, path, text))];
}

function firstWrong(labels: readonly string[], check: (label: string) => readonly string[]): readonly string[] {
  const label = labels.find((one) => check(one).length > 0);
  return label === undefined ? [] : check(label).map((text) => `validating label ${JSON.stringify(label)}: ${text}`);
}

function conditionsOf(draft: Readonly<Draft>): readonly DraftMap[] {
  return mapsAt(mapAt(draft, 'status'), 'conditions');
}

function isDecision(condition: DraftMap): boolean {
  return DECISIONS.includes(textAt(condition, 'type'));
}

function conditionErrors(draft: Readonly<Draft>): FieldError[] {
  const types = conditionsOf(draft).map((condition) => textAt(condition, 'type'));
  const errors = each(mapAt(draft, 'status'), 'conditions', 'status', (condition, path, index) => {
    const type = types[index] ?? '';
    const status = textAt(condition, 'status');
    const final = isDecision(condition) || type === 'Failed';
    const allowed = final ? ['True'] : ['False', 'True', 'Unknown'];
    return [
      ...(type === '' ? [required(`${path}.type`)] : []),
      ...(status === '' ? [required(`${path}.status`)] : []),
      ...(status === '' || allowed.includes(status) ? [] : [notSupported(`${path}.status`, status, allowed)]),
      ...(types.indexOf(type) < index ? [duplicate(`${path}.type`, type)] : []),
    ];
  });
  if (!DECISIONS.every((type) => types.includes(type))) return errors;
  const [approved = '', denied = ''] = DECISIONS.map((type) => `conditions[{"type": "${type}"}]`);
  const detail = `must specify at most one of: \`${approved}\`, \`${denied}\``;
  return [...errors, ...late([invalid('status.conditions', `{${approved}, ${denied}}`, detail)])];
}

function removedErrors(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const count = (one: Readonly<Draft>, type: string): number =>
    conditionsOf(one).filter((condition) => condition['type'] === type).length;
  return [...DECISIONS, 'Failed']
    .filter((type) => count(draft, type) < count(old, type))
    .map((type) => forbidden('status.conditions', `updates may not remove a condition of type "${type}"`));
}

function certificateErrors(draft: Readonly<Draft>, old: Readonly<Draft>, mayIssue: boolean): FieldError[] {
  const field = 'status.certificate';
  const certificate = mapAt(draft, 'status')?.['certificate'];
  const before = mapAt(old, 'status')?.['certificate'];
  if (equal(certificate, before)) return [];
  if (!mayIssue) return [forbidden(field, 'updates may not set certificate content')];
  return before === undefined ? [] : [forbidden(field, 'updates may not modify existing certificate content')];
}
