import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, eachText, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { labelValueErrors } from './meta/formats.ts';
import { legacyCidrErrors, parseCidr } from './meta/ip.ts';
import { validateLabelName } from './meta/label-selector.ts';
import { amountErrors } from './resource-names.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Nodes are written by kubelets: unlike other kinds, what they send as status on creation is taken. */
export const node: Strategy = kindStrategy({
  setDefaults(draft) {
    const status = mapAt(draft, 'status');
    const capacity = mapAt(status, 'capacity');
    if (status !== undefined && capacity !== undefined) setDefault(status, 'allocatable', { ...capacity });
  },
  prepareCreate(draft) {
    dropUnused(draft);
    taintNotReady(draft);
  },
  prepareUpdate: dropUnused,
  validate: (draft) => [...taintErrors(draft), ...resourceErrors(draft), ...cidrErrors(draft)],
  validateChange,
  status: {
    initial: (draft) => draft['status'] ?? {},
    metadata: 'open',
    validate: (draft, old) => [...validateChange(draft, old), ...resourceErrors(draft), ...taintErrors(draft)],
  },
});

/**
 * The configuration of kubelets from the API was removed from Kubernetes, and the policy of preemption is a feature that is off;
 * their fields are still read.
 */
function dropUnused(draft: Draft): void {
  const spec = mapAt(draft, 'spec');
  delete spec?.['configSource'];
  delete spec?.['podPreemptionPolicy'];
}

/** What the admission plugin TaintNodesByCondition does: a node is not used before somebody says that it is ready. */
function taintNotReady(draft: Draft): void {
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  const spec = ensureMap(draft, 'spec');
  const taints = mapsAt(spec, 'taints');
  if (taints.some((one) => one['key'] === taint.key && one['effect'] === taint.effect)) return;
  spec['taints'] = [...taints, taint];
}

function taintErrors(draft: Readonly<Draft>): FieldError[] {
  const seen = new Set<string>();
  // The real server looks for taints in the metadata.
  return each(mapAt(draft, 'spec'), 'taints', 'metadata', (taint, path) => {
    const key = textAt(taint, 'key');
    const value = textAt(taint, 'value');
    const effect = textAt(taint, 'effect');
    const texts = labelValueErrors(value);
    const errors = [
      ...validateLabelName(key, `${path}.key`),
      ...(texts.length > 0 ? [invalid(`${path}.value`, value, texts.join(';'))] : []),
      ...effectErrors(effect, `${path}.effect`),
    ];
    if (seen.has(`${effect}/${key}`)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: taint['timeAdded'] ?? null };
      errors.push({ ...duplicate(path, shown), detail: 'taints must be unique by key and effect pair' });
    }
    seen.add(`${effect}/${key}`);
    return errors;
  });
}

function effectErrors(effect: string, field: string): FieldError[] {
  if (effect === '') return [required(field)];
  return EFFECTS.includes(effect) ? [] : [notSupported(field, effect, EFFECTS)];
}

function resourceErrors(draft: Readonly<Draft>): FieldError[] {
  return ['capacity', 'allocatable'].flatMap((list) =>
    Object.entries(mapAt(mapAt(draft, 'status'), list) ?? {}).flatMap(([name, amount]) =>
      amountErrors(name, amount, `status.${list}.${name}`),
    ),
  );
}

function cidrErrors(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec');
  const cidrs = listAt(spec, 'podCIDRs').map(String);
  const errors = eachText(spec, 'podCIDRs', 'spec', (cidr, path) => wrong(path, cidr, legacyCidrErrors(cidr)));
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.address.family));
  if (cidrs.length < 2 || (cidrs.length === 2 && families.size === 2)) return errors;
  return [...errors, invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family')];
}

function validateChange(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const before = mapAt(old, 'spec') ?? {};
  return [...addressErrors(mapAt(draft, 'status')), ...identityErrors(spec, before)];
}

function addressErrors(status: DraftMap | undefined): FieldError[] {
  const seen = new Set<string>();
  return each(status, 'addresses', 'status', (address, path) => {
    const shown = { Type: textAt(address, 'type'), Address: textAt(address, 'address') };
    const key = JSON.stringify(shown);
    const repeated = seen.has(key) ? [duplicate(path, shown)] : [];
    seen.add(key);
    return repeated;
  });
}

function identityErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  const errors: FieldError[] = [];
  const had = listAt(before, 'podCIDRs');
  const now = listAt(spec, 'podCIDRs');
  if (had.length > 0 && (had.length !== now.length || had.some((cidr, index) => cidr !== now[index]))) {
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  const [next, provider] = [textAt(spec, 'providerID'), textAt(before, 'providerID')];
  if (provider !== '' && next !== provider) {
    const detail = next === '' ? 'field cannot be cleared once set' : 'field cannot be modified once set';
    errors.push(invalid('spec.providerID', null, detail));
  }
  if (textAt(spec, 'externalID') !== textAt(before, 'externalID')) {
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  }
  return errors;
}
