import type { Draft, DraftMap } from '../../draft.ts';
import { isMap, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../field-error.ts';
import { dnsSubdomainErrors } from '../meta/formats.ts';
import { dnsLabel, item } from './rules.ts';
import type { Volumes } from './validate-mounts.ts';
import { VOLUME_SOURCES } from './volume-sources.ts';

/**
 * The volumes of a pod: those that are right by name, for their mounts, and what is wrong with the others. `meta` is that
 * of the Pod; a template has none.
 */
export function validateVolumes(
  spec: DraftMap,
  meta: Draft['metadata'] | undefined,
  specField: string,
): { readonly volumes: Volumes; readonly errors: FieldError[] } {
  const volumes = new Map<string, DraftMap>();
  const errors: FieldError[] = [];
  const pod = textAt(meta, 'name');
  const claims = mapsAt(spec, 'volumes')
    .filter((volume) => pod !== '' && mapAt(volume, 'ephemeral') !== undefined)
    .map((volume) => `${pod}-${textAt(volume, 'name')}`);
  mapsAt(spec, 'volumes').forEach((volume, index) => {
    const field = item(`${specField}.volumes`, index);
    const name = textAt(volume, 'name');
    const own = validateSource(volume, pod, field);
    own.push(...(name === '' ? [required(`${field}.name`)] : dnsLabel(name, `${field}.name`)));
    if (volumes.has(name)) own.push(duplicate(`${field}.name`, name));
    if (own.length === 0) volumes.set(name, volume);
    errors.push(...own);
    const claim = textAt(mapAt(volume, 'persistentVolumeClaim'), 'claimName');
    if (claims.includes(claim)) {
      const text = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(invalid(`${field}.persistentVolumeClaim.claimName`, claim, text));
    }
  });
  return { volumes, errors };
}

/** Exactly one source; of several, the first one counts and the others are refused unseen. */
function validateSource(volume: DraftMap, pod: string, field: string): FieldError[] {
  const given = VOLUME_SOURCES.filter(({ name }) => isMap(volume[name]));
  if (given.length === 0) return [required(field, 'must specify a volume type')];
  const errors = given.flatMap(({ name, check, field: at = name, taken = name }, index) =>
    index === 0
      ? check(mapAt(volume, name) ?? {}, `${field}.${at}`)
      : [forbidden(`${field}.${taken}`, 'may not specify more than 1 volume type')],
  );
  const name = textAt(volume, 'name');
  const iscsi = mapAt(volume, 'iscsi');
  if (typeof iscsi?.['initiatorName'] === 'string' && `${name}:${textAt(iscsi, 'targetPortal')}`.length > 64) {
    const text =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    errors.push(invalid(`${field}.name`, name, text));
  }
  if (given[0]?.name === 'ephemeral' && pod !== '' && name !== '') {
    const claim = `${pod}-${name}`;
    const texts = dnsSubdomainErrors(claim);
    errors.push(...texts.map((text) => invalid(`${field}.name`, name, `PVC name ${JSON.stringify(claim)}: ${text}`)));
  }
  return errors;
}
