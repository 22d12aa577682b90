import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, eachText, late, oneOf, within, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { portNumberErrors } from './meta/formats.ts';
import { cidrContains, legacyCidrErrors, parseCidr } from './meta/ip.ts';
import { validateLabelSelector } from './meta/label-selector.ts';
import { portOrNameErrors } from './validate-service.ts';

const DIRECTIONS = [
  ['ingress', 'from'],
  ['egress', 'to'],
] as const;

export const networkPolicy: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    for (const port of DIRECTIONS.flatMap(([rules]) => mapsAt(spec, rules).flatMap((rule) => mapsAt(rule, 'ports')))) {
      setDefault(port, 'protocol', 'TCP');
    }
    if (listAt(spec, 'policyTypes').length > 0) return;
    spec['policyTypes'] = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate(draft, old) {
    const spec = mapAt(draft, 'spec') ?? {};
    const known = old === undefined ? [] : cidrsOf(old);
    return [
      ...validateLabelSelector(mapAt(spec, 'podSelector'), 'spec.podSelector'),
      ...DIRECTIONS.flatMap(([rules, peers]) =>
        each(spec, rules, 'spec', (rule, path) => [
          ...each(rule, 'ports', path, portErrors),
          ...each(rule, peers, path, (peer, at) => peerErrors(peer, at, known)),
        ]),
      ),
      ...typeErrors(spec),
    ];
  },
});

function portErrors(port: DraftMap, path: string): FieldError[] {
  const number = port['port'];
  const end = port['endPort'];
  const errors = [
    ...oneOf(port, 'protocol', path, ['TCP', 'UDP', 'SCTP']),
    ...portOrNameErrors(number, `${path}.port`),
  ];
  if (typeof end !== 'number') return errors;
  const field = `${path}.endPort`;
  if (typeof number !== 'number') {
    const what = number === undefined ? 'not specified' : 'non-numeric';
    return [...errors, invalid(field, end, `may not be specified when \`port\` is ${what}`)];
  }
  if (end < number) errors.push(invalid(field, end, 'must be greater than or equal to `port`'));
  return [...errors, ...wrong(field, end, portNumberErrors(end))];
}

function peerErrors(peer: DraftMap, path: string, known: readonly string[]): FieldError[] {
  const given = ['podSelector', 'namespaceSelector', 'ipBlock'].filter((name) => peer[name] !== undefined);
  const errors = [
    ...within(peer, 'podSelector', path, validateLabelSelector),
    ...within(peer, 'namespaceSelector', path, validateLabelSelector),
    ...within(peer, 'ipBlock', path, (block, at) => blockErrors(block, at, known)),
  ];
  if (given.length === 0) return [required(path, 'must specify a peer')];
  if (given.length === 1 || !given.includes('ipBlock')) return errors;
  return [...errors, forbidden(path, 'may not specify both ipBlock and another peer')];
}

function blockErrors(block: DraftMap, path: string, known: readonly string[]): FieldError[] {
  const text = textAt(block, 'cidr');
  if (text === '') return late([required(`${path}.cidr`)]);
  const cidr = parseCidr(text);
  const errors = known.includes(text) ? [] : wrong(`${path}.cidr`, text, legacyCidrErrors(text));
  if (cidr === undefined) return errors;
  const excepted = eachText(block, 'except', path, (one, at) => {
    const inner = parseCidr(one);
    const form = known.includes(one) ? [] : wrong(at, one, legacyCidrErrors(one));
    if (inner === undefined) return form;
    const smaller = cidrContains(cidr, inner.address) && cidr.prefix < inner.prefix;
    return smaller ? form : [...form, invalid(at, one, 'must be a strict subset of `cidr`')];
  });
  return [...errors, ...excepted];
}

function typeErrors(spec: DraftMap): FieldError[] {
  const types = listAt(spec, 'policyTypes');
  if (types.length > 2) return [invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')];
  return eachText(spec, 'policyTypes', 'spec', (type, path) =>
    type === 'Ingress' || type === 'Egress' ? [] : [notSupported(path, type, ['Ingress', 'Egress'])],
  );
}

/** Networks written the old way stay valid where they were. */
function cidrsOf(policy: Readonly<Draft>): readonly string[] {
  const spec = mapAt(policy, 'spec');
  return DIRECTIONS.flatMap(([rules, peers]) =>
    mapsAt(spec, rules).flatMap((rule) =>
      mapsAt(rule, peers).flatMap((peer) => {
        const block = mapAt(peer, 'ipBlock');
        return block === undefined ? [] : [textAt(block, 'cidr'), ...listAt(block, 'except').map(String)];
      }),
    ),
  );
}
