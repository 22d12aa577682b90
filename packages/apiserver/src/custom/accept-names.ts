import { isMap, listAt, mapAt, mapsAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { textsAt } from './custom-resource.ts';

export interface CrdCondition {
  readonly type: 'NamesAccepted' | 'Established' | 'Terminating';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/**
 * Which of the names that a CRD asks for are free, and what is to be said of it. Each name is decided by itself: one that
 * another CRD of the same group has keeps the one that was accepted before. `others` are the other CRDs of the group.
 *
 * Established stays as it is once it is true; before that it is False until {@link ESTABLISHED} is set.
 */
export function acceptNames(
  crd: Readonly<DraftMap>,
  others: readonly Readonly<DraftMap>[],
): { readonly acceptedNames: DraftMap; readonly namesAccepted: CrdCondition; readonly established: CrdCondition } {
  const wanted = mapAt(mapAt(crd, 'spec'), 'names') ?? {};
  const own = mapAt(mapAt(crd, 'status'), 'acceptedNames') ?? {};
  const group = textAt(mapAt(crd, 'spec'), 'group');
  const taken = others
    .filter((other) => textAt(mapAt(other, 'spec'), 'group') === group)
    .map((other) => mapAt(mapAt(other, 'status'), 'acceptedNames') ?? {});
  const resources = new Set(
    taken.flatMap((names) => [textAt(names, 'plural'), textAt(names, 'singular'), ...textsAt(names, 'shortNames')]),
  );
  const kinds = new Set(taken.flatMap((names) => [textAt(names, 'kind'), textAt(names, 'listKind')]));

  const accepted: DraftMap = { ...own };
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const decide = (field: string, reason: string, used: ReadonlySet<string>): void => {
    const name = textAt(wanted, field);
    if (name !== textAt(own, field) && used.has(name)) conflict = { reason, message: inUse(name) };
    else accepted[field] = name;
  };
  decide('plural', 'PluralConflict', resources);
  decide('singular', 'SingularConflict', resources);
  const known = textsAt(own, 'shortNames');
  const clashes = textsAt(wanted, 'shortNames').filter(
    (name) => !known.includes(name) && name !== '' && resources.has(name),
  );
  if (clashes.length > 0) {
    const texts = [...new Set(clashes.map(inUse))];
    const message = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
    conflict = { reason: 'ShortNamesConflict', message };
  } else keepList(accepted, wanted, 'shortNames');
  decide('kind', 'KindConflict', kinds);
  decide('listKind', 'ListKindConflict', kinds);
  keepList(accepted, wanted, 'categories');

  const namesAccepted: CrdCondition =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  return { acceptedNames: accepted, namesAccepted, established: establishedOf(crd, conflict === undefined) };
}

/** To be set as soon as the objects of a CRD with accepted names can be served. */
export const ESTABLISHED: CrdCondition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};

/** Of a CRD that was deleted and has objects, before and while they go. */
export const TERMINATING: CrdCondition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};
export const DELETING_OBJECTS: CrdCondition = {
  ...TERMINATING,
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

/** Sets a condition in the status, in place. Its time changes with its status alone. `now`: RFC 3339, whole seconds. */
export function setCondition(status: DraftMap, condition: CrdCondition, now: string): void {
  const conditions = mapsAt(status, 'conditions');
  const before = conditions.find((one) => one['type'] === condition.type);
  const time = before?.['status'] === condition.status ? textAt(before, 'lastTransitionTime') : '';
  const next = { ...condition, lastTransitionTime: time === '' ? now : time };
  status['conditions'] =
    before === undefined
      ? [...conditions, next]
      : conditions.map((one) => (one === before ? { ...before, ...next } : one));
}

function establishedOf(crd: Readonly<DraftMap>, accepted: boolean): CrdCondition {
  const before = mapsAt(mapAt(crd, 'status'), 'conditions').find((one) => one['type'] === 'Established');
  if (before?.['status'] === 'True') {
    return {
      type: 'Established',
      status: 'True',
      reason: textAt(before, 'reason'),
      message: textAt(before, 'message'),
    };
  }
  if (accepted) return { ...ESTABLISHED, status: 'False', reason: 'Installing' };
  if (isMap(before)) {
    return {
      type: 'Established',
      status: 'False',
      reason: textAt(before, 'reason'),
      message: textAt(before, 'message'),
    };
  }
  return { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

function keepList(accepted: DraftMap, wanted: DraftMap, field: string): void {
  const list = listAt(wanted, field);
  if (list.length > 0) accepted[field] = [...list];
  else delete accepted[field];
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`;
}
