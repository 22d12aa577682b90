import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, required } from '../../field-error.ts';
import { httpHeaderNameErrors, portNameErrors, portNumberErrors } from '../meta/formats.ts';
import { nonNegative, oneOf, requiredText } from './rules.ts';

export type ProbeName = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

/** One of the three probes of a container. */
export function validateProbe(container: DraftMap, name: ProbeName, parentField: string): FieldError[] {
  const probe = mapAt(container, name);
  if (probe === undefined) return [];
  const field = `${parentField}.${name}`;
  const grace = numberAt(probe, 'terminationGracePeriodSeconds');
  const success = numberAt(probe, 'successThreshold') ?? 0;
  const errors = [
    ...validateHandler(probe, PROBE_ACTIONS, undefined, field),
    ...['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'].flatMap(
      (one) => nonNegative(probe, one, field),
    ),
  ];
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  if (name === 'readinessProbe') {
    if (grace !== undefined) {
      errors.push(invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
    }
  } else if (success !== 1) {
    errors.push(invalid(`${field}.successThreshold`, success, 'must be 1'));
  }
  return errors;
}

/** What a container does right after its start and right before its end. */
export function validateLifecycle(container: DraftMap, graceSeconds: number | undefined, field: string): FieldError[] {
  const lifecycle = mapAt(container, 'lifecycle');
  return ['postStart', 'preStop'].flatMap((name) => {
    const handler = mapAt(lifecycle, name);
    return handler === undefined
      ? []
      : validateHandler(handler, LIFECYCLE_ACTIONS, graceSeconds, `${field}.lifecycle.${name}`);
  });
}

type Action = readonly [
  name: string,
  check: (action: DraftMap, field: string, grace: number | undefined) => FieldError[],
];

const PROBE_ACTIONS: readonly Action[] = [
  ['exec', validateExec],
  ['httpGet', validateHttpGet],
  ['tcpSocket', (action, field) => validatePort(action['port'], `${field}.port`)],
  ['grpc', (action, field) => validatePort(action['port'] ?? 0, `${field}.port`)],
];

const LIFECYCLE_ACTIONS: readonly Action[] = [...PROBE_ACTIONS.slice(0, 3), ['sleep', validateSleep]];

/** Exactly one action; of several, the first one counts and the others are refused unseen. */
function validateHandler(
  handler: DraftMap,
  actions: readonly Action[],
  grace: number | undefined,
  field: string,
): FieldError[] {
  const given = actions.filter(([name]) => mapAt(handler, name) !== undefined);
  if (given.length === 0) return [required(field, 'must specify a handler type')];
  return given.flatMap(([name, check], index) =>
    index === 0
      ? check(mapAt(handler, name) ?? {}, `${field}.${name}`, grace)
      : [forbidden(`${field}.${name}`, 'may not specify more than 1 handler type')],
  );
}

function validateExec(action: DraftMap, field: string): FieldError[] {
  return listAt(action, 'command').length === 0 ? [required(`${field}.command`)] : [];
}

function validateHttpGet(action: DraftMap, field: string): FieldError[] {
  return [
    ...requiredText(action, 'path', field),
    ...validatePort(action['port'], `${field}.port`),
    ...oneOf(action, 'scheme', field, ['HTTP', 'HTTPS']),
    ...mapsAt(action, 'httpHeaders').flatMap((header) => {
      const name = textAt(header, 'name');
      return httpHeaderNameErrors(name).map((text) => invalid(`${field}.httpHeaders`, name, text));
    }),
  ];
}

function validateSleep(action: DraftMap, field: string, grace: number | undefined): FieldError[] {
  const seconds = numberAt(action, 'seconds') ?? 0;
  if (grace === undefined || (seconds >= 0 && seconds <= grace)) return [];
  const text = `must be non-negative and less than terminationGracePeriodSeconds (${String(grace)})`;
  return [invalid(field, seconds, text)];
}

/** The number of a port, or the name of one of the container's. */
function validatePort(port: unknown, field: string): FieldError[] {
  const value = typeof port === 'string' || typeof port === 'number' ? port : 0;
  const errors = typeof value === 'number' ? portNumberErrors(value) : portNameErrors(value);
  return errors.map((text) => invalid(field, value, text));
}
