import type { Draft } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid } from '../../field-error.ts';
import { legacyIpErrors } from '../meta/ip.ts';
import { dnsSubdomain, item, qualifiedName } from './rules.ts';
import { validateAnnotationChanges } from './validate-pod-annotations.ts';
import { annotationsOf } from './validate-pod.ts';

/** What the status of a Pod may become. */
export function validatePodStatus(draft: Readonly<Draft>, old: Readonly<Draft>): readonly FieldError[] {
  const status = mapAt(draft, 'status') ?? {};
  const before = mapAt(old, 'status') ?? {};
  const nominated = textAt(status, 'nominatedNodeName');
  const errors = [
    ...validateAnnotationChanges(annotationsOf(draft), annotationsOf(old), 'metadata.annotations'),
    ...mapsAt(status, 'conditions').flatMap((condition, index) => {
      const type = textAt(condition, 'type');
      return type.includes('/') ? qualifiedName(type, `${item('status.conditions', index)}.Type`) : [];
    }),
  ];
  if (nominated !== '' && nominated !== textAt(before, 'nominatedNodeName')) {
    errors.push(...dnsSubdomain(nominated, 'status.nominatedNodeName'));
    if (textAt(mapAt(old, 'spec'), 'nodeName') !== '') {
      errors.push(forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
    }
  }
  const generation = numberAt(status, 'observedGeneration') ?? 0;
  if (generation < 0) {
    errors.push(invalid('status.observedGeneration', generation, 'must be a non-negative integer'));
  }
  if (textAt(status, 'qosClass') !== textAt(before, 'qosClass')) {
    errors.push(invalid('status.qosClass', textAt(status, 'qosClass'), 'field is immutable'));
  }
  return [...errors, ...validateStates(draft, old), ...validateAddresses(draft)];
}

/** A container that has ended stays so, unless its Pod restarts containers. */
function validateStates(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = mapAt(old, 'spec');
  const policy = textAt(spec, 'restartPolicy');
  const isRestartable = mapsAt(spec, 'containers').some((container) => container['restartPolicy'] !== undefined);
  if (policy === 'Always' || isRestartable) return [];
  const statuses = mapsAt(mapAt(draft, 'status'), 'containerStatuses');
  return mapsAt(mapAt(old, 'status'), 'containerStatuses').flatMap((before, index) => {
    const ended = mapAt(mapAt(before, 'state'), 'terminated');
    if (ended === undefined) return [];
    if (policy === 'OnFailure' && (numberAt(ended, 'exitCode') ?? 0) !== 0) return [];
    const after = statuses.find((one) => textAt(one, 'name') === textAt(before, 'name'));
    if (after === undefined || mapAt(mapAt(after, 'state'), 'terminated') !== undefined) return [];
    const field = `${item('status.containerStatuses', index)}.state`;
    return [forbidden(field, 'may not be transitioned to non-terminated state')];
  });
}

function validateAddresses(draft: Readonly<Draft>): FieldError[] {
  const status = mapAt(draft, 'status');
  const errors = (['podIPs', 'hostIPs'] as const).flatMap((list) =>
    mapsAt(status, list).flatMap((entry, index) => {
      const address = textAt(entry, 'ip');
      return legacyIpErrors(address).map((text) => invalid(item(`status.${list}`, index), address, text));
    }),
  );
  const first = mapsAt(status, 'hostIPs')[0];
  if (listAt(status, 'hostIPs').length > 0 && textAt(first, 'ip') !== textAt(status, 'hostIP')) {
    errors.push(invalid('status.hostIPs[0].ip', textAt(first, 'ip'), 'must be equal to `hostIP`'));
  }
  return errors;
}
