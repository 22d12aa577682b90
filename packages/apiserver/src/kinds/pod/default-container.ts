import type { DraftMap } from '../../draft.ts';
import { ensureMap, mapAt, mapsAt, setDefault, textAt } from '../../draft.ts';
import { defaultPullPolicy } from './pull-policy.ts';
import { roundToMilli } from './resource-list.ts';

/** What the server fills in for one container of any kind: regular, init or ephemeral. */
export function defaultContainer(container: DraftMap): void {
  replaceZero(container, 'imagePullPolicy', defaultPullPolicy(textAt(container, 'image')));
  replaceZero(container, 'terminationMessagePath', '/dev/termination-log');
  replaceZero(container, 'terminationMessagePolicy', 'File');
  for (const port of mapsAt(container, 'ports')) replaceZero(port, 'protocol', 'TCP');
  for (const variable of mapsAt(container, 'env')) defaultVariableSource(mapAt(variable, 'valueFrom'));
  const resources = ensureMap(container, 'resources');
  roundToMilli(mapAt(resources, 'limits'));
  roundToMilli(mapAt(resources, 'requests'));
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(mapAt(container, name));
  const lifecycle = mapAt(container, 'lifecycle');
  for (const name of ['postStart', 'preStop']) defaultHttpGet(mapAt(mapAt(lifecycle, name), 'httpGet'));
}

/** Sets `field` where it is absent or has the zero value of its type: what Go's own encoding cannot tell apart. */
export function replaceZero(parent: DraftMap, field: string, value: unknown): void {
  const there = parent[field];
  if (there === undefined || there === null || there === '' || there === 0) parent[field] = value;
}

/** Fields of a Pod that environment variables and files are made from. */
export function defaultFieldSources(source: DraftMap | undefined): void {
  const fieldRef = mapAt(source, 'fieldRef');
  if (fieldRef !== undefined) replaceZero(fieldRef, 'apiVersion', 'v1');
  const resourceFieldRef = mapAt(source, 'resourceFieldRef');
  if (resourceFieldRef !== undefined) setDefault(resourceFieldRef, 'divisor', '0');
}

function defaultVariableSource(source: DraftMap | undefined): void {
  defaultFieldSources(source);
  const fileKeyRef = mapAt(source, 'fileKeyRef');
  if (fileKeyRef !== undefined) setDefault(fileKeyRef, 'optional', false);
}

function defaultProbe(probe: DraftMap | undefined): void {
  if (probe === undefined) return;
  replaceZero(probe, 'timeoutSeconds', 1);
  replaceZero(probe, 'periodSeconds', 10);
  replaceZero(probe, 'successThreshold', 1);
  replaceZero(probe, 'failureThreshold', 3);
  defaultHttpGet(mapAt(probe, 'httpGet'));
  const grpc = mapAt(probe, 'grpc');
  if (grpc !== undefined) setDefault(grpc, 'service', '');
}

function defaultHttpGet(action: DraftMap | undefined): void {
  if (action === undefined) return;
  replaceZero(action, 'path', '/');
  replaceZero(action, 'scheme', 'HTTP');
}
