import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { absent, bounded, each, late, needText, within, wrong } from './checks.ts';
import { flowRuleErrors } from './flow-rules.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dnsSubdomainErrors } from './meta/formats.ts';

const MAX_PRECEDENCE = 10_000;
const MAX_QUEUES = 10_000_000;
const MAX_HASH_BITS = 60;
const PRESERVE_ZERO = 'flowcontrol.k8s.io/preserve-zero-concurrency-shares';

/** Requests are not queued here. The fixed specs of the mandatory objects are not compared. */
export const flowSchema: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    if ((numberAt(spec, 'matchingPrecedence') ?? 0) === 0) spec['matchingPrecedence'] = 1000;
  },
  validate: (draft) => schemaErrors(draft),
  status: { initial: () => ({}), metadata: 'closed', validate: conditionErrors },
});

export const priorityLevelConfiguration: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = mapAt(draft, 'spec');
    const exempt = mapAt(spec, 'exempt');
    const limited = mapAt(spec, 'limited');
    if (exempt !== undefined) {
      setDefault(exempt, 'nominalConcurrencyShares', 0);
      setDefault(exempt, 'lendablePercent', 0);
    }
    if (limited === undefined) return;
    setDefault(limited, 'nominalConcurrencyShares', 30);
    setDefault(limited, 'lendablePercent', 0);
    const queuing = mapAt(mapAt(limited, 'limitResponse'), 'queuing');
    if (queuing === undefined) return;
    for (const [field, value] of [
      ['handSize', 8],
      ['queues', 64],
      ['queueLengthLimit', 50],
    ] as const) {
      if ((numberAt(queuing, field) ?? 0) === 0) queuing[field] = value;
    }
  },
  validate: (draft) => levelErrors(draft),
  status: { initial: () => ({}), metadata: 'closed', validate: conditionErrors },
});

function conditionErrors(draft: Readonly<Draft>): FieldError[] {
  const types = mapsAt(mapAt(draft, 'status'), 'conditions').map((condition) => textAt(condition, 'type'));
  return each(mapAt(draft, 'status'), 'conditions', 'status', (condition, path, index) => [
    ...needText(condition, 'type', path),
    ...(types.indexOf(types[index] ?? '') < index ? [duplicate(`${path}.type`, types[index])] : []),
  ]);
}

function schemaErrors(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const field = 'spec.matchingPrecedence';
  const precedence = numberAt(spec, 'matchingPrecedence') ?? 0;
  const errors: FieldError[] = [];
  if (precedence <= 0) errors.push(invalid(field, precedence, 'must be a positive value'));
  if (precedence > MAX_PRECEDENCE)
    errors.push(invalid(field, precedence, `must not be greater than ${MAX_PRECEDENCE}`));
  if (precedence === 1 && textAt(draft.metadata, 'name') !== 'exempt') {
    errors.push(invalid(field, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  const level = textAt(mapAt(spec, 'priorityLevelConfiguration'), 'name');
  const at = 'spec.priorityLevelConfiguration.name';
  return [
    ...errors,
    ...within(spec, 'distinguisherMethod', 'spec', (method, path) => {
      const type = textAt(method, 'type');
      if (type === 'ByNamespace' || type === 'ByUser') return [];
      return [notSupported(`${path}.type`, { Type: type }, ['ByNamespace', 'ByUser'])];
    }),
    ...(level === '' ? [required(at, 'must reference a priority level')] : wrong(at, level, dnsSubdomainErrors(level))),
    ...each(spec, 'rules', 'spec', flowRuleErrors),
  ];
}

function levelErrors(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const type = textAt(spec, 'type');
  const exempt = textAt(draft.metadata, 'name') === 'exempt';
  const errors: FieldError[] = [];
  if (mapAt(draft.metadata, 'annotations')?.[PRESERVE_ZERO] !== undefined) {
    errors.push(forbidden('metadata.annotations', `annotation '${PRESERVE_ZERO}' is forbidden`));
  }
  if (exempt !== (type === 'Exempt')) {
    errors.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  switch (type) {
    case 'Exempt':
      return [...errors, ...late(absent(spec, 'limited', 'spec', '')), ...within(spec, 'exempt', 'spec', shareErrors)];
    case 'Limited':
      errors.push(...late(absent(spec, 'exempt', 'spec', '')));
      if (spec['limited'] === undefined) {
        errors.push(...late([required('spec.limited')]));
      }
      return [...errors, ...within(spec, 'limited', 'spec', limitedErrors)];
    case '':
      return [...errors, ...late([required('spec.type')])];
    default:
      return [...errors, notSupported('spec.type', type, ['Exempt', 'Limited'])];
  }
}

function shareErrors(level: DraftMap, path: string): FieldError[] {
  return [
    ...bounded(level, 'nominalConcurrencyShares', path, [0, Infinity], 'must be a non-negative integer'),
    ...bounded(level, 'lendablePercent', path, [0, 100], 'must be between 0 and 100, inclusive'),
  ];
}

function limitedErrors(level: DraftMap, path: string): FieldError[] {
  const notNegative = 'if specified, must be a non-negative integer';
  return [
    ...shareErrors(level, path),
    ...responseErrors(mapAt(level, 'limitResponse') ?? {}, `${path}.limitResponse`),
    ...bounded(level, 'borrowingLimitPercent', path, [0, Infinity], notNegative),
  ];
}

function responseErrors(response: DraftMap, path: string): FieldError[] {
  const type = textAt(response, 'type');
  switch (type) {
    case 'Reject':
      return late(absent(response, 'queuing', path, ''));
    case 'Queue':
      if (response['queuing'] === undefined) {
        return late([required(`${path}.queuing`)]);
      }
      return [...within(response, 'queuing', path, queuingErrors)];
    case '':
      return late([required(`${path}.type`)]);
    default:
      return [notSupported(`${path}.type`, type, ['Queue', 'Reject'])];
  }
}

function queuingErrors(queuing: DraftMap, path: string): FieldError[] {
  const [length, queues, hand] = ['queueLengthLimit', 'queues', 'handSize'].map(
    (name) => numberAt(queuing, name) ?? 0,
  ) as [number, number, number];
  const errors: FieldError[] = [];
  if (length <= 0) errors.push(invalid(`${path}.queueLengthLimit`, length, 'must be positive'));
  if (queues <= 0) errors.push(invalid(`${path}.queues`, queues, 'must be positive'));
  if (queues > MAX_QUEUES) errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${MAX_QUEUES}`));
  const field = `${path}.handSize`;
  const bits = Math.ceil(Math.log2(queues) * hand);
  if (hand <= 0) errors.push(invalid(field, hand, 'must be positive'));
  else if (hand > queues) errors.push(invalid(field, hand, `should not be greater than queues (${queues})`));
  else if (bits > MAX_HASH_BITS) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${MAX_HASH_BITS}`;
    errors.push(invalid(field, hand, detail));
  }
  return errors;
}
