import type { DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { bounded, each, eachText, immutable, late, notNegative, oneOf, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { byteLength, qualifiedNameErrors } from './meta/formats.ts';
import { validateLabelName } from './meta/label-selector.ts';
import { protect } from './persistent-volume.ts';
import { driverNameErrors } from './persistent-volume-source.ts';

const PARAMETERS_LIMIT = 256 * 1024;
const PARAMETERS_COUNT = 512;
const FIXED = ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'];

export const storageClass: Strategy = kindStrategy({
  setDefaults(draft) {
    setDefault(draft, 'reclaimPolicy', 'Delete');
    setDefault(draft, 'volumeBindingMode', 'Immediate');
  },
  validate: (draft) => [
    ...provisionerErrors(draft, 'provisioner'),
    ...parameterErrors(draft),
    ...oneOf(draft, 'reclaimPolicy', '', ['Delete', 'Retain']),
    ...oneOf(draft, 'volumeBindingMode', '', ['Immediate', 'WaitForFirstConsumer']),
    ...topologyErrors(draft),
  ],
  validateChange: (draft, old) => late(FIXED.flatMap((field) => immutable(draft, old, field, field, null))),
});

export const volumeAttributesClass: Strategy = kindStrategy({
  prepareCreate: (draft) => protect(draft, 'kubernetes.io/vac-protection'),
  validate(draft) {
    const empty = Object.keys(mapAt(draft, 'parameters') ?? {}).length === 0;
    return [
      ...provisionerErrors(draft, 'driverName'),
      ...parameterErrors(draft),
      ...(empty ? [required('parameters', 'must contain at least one key/value pair')] : []),
    ];
  },
  validateChange: (draft, old) =>
    ['driverName', 'parameters']
      .filter((field) => !equal(draft[field], old[field]))
      .map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
});

export const csiDriver: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    setDefault(spec, 'attachRequired', true);
    for (const field of ['podInfoOnMount', 'storageCapacity', 'requiresRepublish', 'seLinuxMount']) {
      setDefault(spec, field, false);
    }
    setDefault(spec, 'preventPodSchedulingIfMissing', false);
    setDefault(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType');
    if (listAt(spec, 'volumeLifecycleModes').length === 0) spec['volumeLifecycleModes'] = ['Persistent'];
  },
  validate(draft) {
    const spec = mapAt(draft, 'spec') ?? {};
    return [
      ...oneOf(spec, 'fsGroupPolicy', 'spec', ['File', 'None', 'ReadWriteOnceWithFSType']),
      ...tokenErrors(spec),
      ...eachText(spec, 'volumeLifecycleModes', 'spec', (mode) =>
        mode === 'Persistent' || mode === 'Ephemeral'
          ? []
          : [notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'])],
      ),
      ...bounded(
        spec,
        'nodeAllocatableUpdatePeriodSeconds',
        'spec',
        [10, Infinity],
        'must be greater than or equal to 10 seconds',
      ),
      ...tokenInSecretErrors(spec),
    ];
  },
  validateChange(draft, old) {
    const [spec, before] = [mapAt(draft, 'spec'), mapAt(old, 'spec')];
    return [
      ...immutable(spec, before, 'attachRequired', 'spec.attachedRequired'),
      ...immutable(spec, before, 'volumeLifecycleModes', 'spec.volumeLifecycleModes'),
    ];
  },
});

/** What its status would say belongs to a feature that is off. */
export const csiNode: Strategy = kindStrategy({
  status: { initial: () => ({}), metadata: 'closed', prepareUpdate: (draft) => (draft['status'] = {}) },
  validate(draft) {
    const names = new Set<string>();
    return each(mapAt(draft, 'spec'), 'drivers', 'spec', (driver, path) => {
      const name = textAt(driver, 'name');
      const repeated = names.has(name) ? [duplicate(`${path}.name`, name)] : [];
      names.add(name);
      return [...driverErrors(driver, path), ...repeated];
    });
  },
  validateChange(draft, old) {
    const drivers = mapsAt(mapAt(draft, 'spec'), 'drivers');
    return mapsAt(mapAt(old, 'spec'), 'drivers').flatMap((before) => {
      const driver = drivers.find((one) => one['name'] === before['name']);
      const fixed = (one: DraftMap): DraftMap => ({ ...one, allocatable: undefined });
      if (driver === undefined || equal(fixed(driver), fixed(before))) return [];
      return [invalid('spec.drivers', goDriver(driver), 'field is immutable')];
    });
  },
});

function provisionerErrors(draft: DraftMap, field: string): FieldError[] {
  const name = textAt(draft, field);
  if (name === '') return late([required(field)]);
  const lower = name.toLowerCase();
  return wrong(field, lower, qualifiedNameErrors(lower));
}

function parameterErrors(draft: DraftMap): FieldError[] {
  const entries = Object.entries(mapAt(draft, 'parameters') ?? {});
  if (entries.length > PARAMETERS_COUNT) return [tooLong('parameters', PARAMETERS_COUNT)];
  const errors = entries.some(([key]) => key === '') ? [invalid('parameters', '', 'field can not be empty.')] : [];
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(String(value)), 0);
  return size > PARAMETERS_LIMIT ? [...errors, tooLong('parameters', PARAMETERS_LIMIT)] : errors;
}

function topologyErrors(draft: DraftMap): FieldError[] {
  const seen: DraftMap[] = [];
  return each(draft, 'allowedTopologies', '', (term, path) => {
    const values: DraftMap = {};
    const errors = each(term, 'matchLabelExpressions', path, (expression, at) => {
      const key = textAt(expression, 'key');
      const listed = listAt(expression, 'values').map(String);
      const repeated = Object.hasOwn(values, key) ? [duplicate(`${at}.key`, key)] : [];
      values[key] = listed.toSorted();
      return [
        ...(listed.length === 0 ? [required(`${at}.values`)] : []),
        ...listed.flatMap((value, index) =>
          listed.indexOf(value) < index ? [duplicate(`${at}.values[${index}]`, value)] : [],
        ),
        ...validateLabelName(key, `${at}.key`),
        ...repeated,
      ];
    });
    const again = seen.some((one) => equal(one, values));
    seen.push(values);
    return again ? [...errors, duplicate(`${path}.matchLabelExpressions`, '')] : errors;
  });
}

function tokenErrors(spec: DraftMap): FieldError[] {
  const audiences = new Set<string>();
  return each(spec, 'tokenRequests', 'spec', (request, path) => {
    const audience = textAt(request, 'audience');
    if (audiences.has(audience)) return [duplicate(`${path}.audience`, audience)];
    audiences.add(audience);
    const field = 'expirationSeconds';
    return [
      ...bounded(request, field, path, [600, Infinity], 'may not specify a duration less than 10 minutes'),
      ...bounded(request, field, path, [-Infinity, 2 ** 32], 'may not specify a duration larger than 2^32 seconds'),
    ];
  });
}

function tokenInSecretErrors(spec: DraftMap): FieldError[] {
  const value = spec['serviceAccountTokenInSecrets'];
  if (value === undefined || listAt(spec, 'tokenRequests').length > 0) return [];
  const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
  return [invalid('spec.serviceAccountTokenInSecrets', value, detail)];
}

function driverErrors(driver: DraftMap, path: string): FieldError[] {
  const id = textAt(driver, 'nodeID');
  const keys = listAt(driver, 'topologyKeys').map(String);
  return [
    ...driverNameErrors(textAt(driver, 'name'), `${path}.name`),
    ...(id === '' ? [required(`${path}.nodeID`)] : []),
    ...(byteLength(id) > 256 ? [invalid(`${path}.nodeID`, id, 'must be 256 characters or less')] : []),
    ...notNegative(mapAt(driver, 'allocatable'), 'count', `${path}.allocatable`),
    ...keys.flatMap((key, index) => [
      ...(key === '' ? [required(path)] : []),
      ...(keys.indexOf(key) < index ? [duplicate(path, key)] : []),
      ...wrong(path, key, qualifiedNameErrors(key)),
    ]),
  ];
}

/** The server shows a driver as its own Go type, whose fields have no JSON names. */
function goDriver(driver: DraftMap): DraftMap {
  return {
    Name: textAt(driver, 'name'),
    NodeID: textAt(driver, 'nodeID'),
    TopologyKeys: driver['topologyKeys'] ?? null,
    Allocatable: null,
  };
}
