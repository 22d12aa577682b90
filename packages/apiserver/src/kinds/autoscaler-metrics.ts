import type { DraftMap } from '../draft.ts';
import { mapAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { bounded, needText, wrong } from './checks.ts';
import { dnsLabelErrors, pathSegmentErrors } from './meta/formats.ts';
import { quantityOf } from './pod/resource-list.ts';
import { containerResourceNameErrors } from './resource-names.ts';
import { referenceErrors, versionErrors } from './object-reference.ts';

/** In the order in which the real server looks at them: only the first that is there is looked into. */
const SOURCES = [
  ['object', 'Object'],
  ['external', 'External'],
  ['pods', 'Pods'],
  ['resource', 'Resource'],
  ['containerResource', 'ContainerResource'],
] as const;
const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** What is wrong with one metric of an autoscaler: one source, the one that its type names. */
export function metricErrors(metric: DraftMap, path: string): FieldError[] {
  const type = textAt(metric, 'type');
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric source type'));
  if (!TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  const present = SOURCES.filter(([name]) => mapAt(metric, name) !== undefined);
  const first = present[0]?.[0];
  if (first !== undefined) errors.push(...sourceErrors(first, mapAt(metric, first) ?? {}, `${path}.${first}`));
  const expected = SOURCES.find(([, of]) => of === type)?.[0];
  if (expected !== undefined && mapAt(metric, expected) === undefined) {
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  }
  const others = present.length === 1 ? [] : present.filter(([name]) => name !== expected);
  return [
    ...errors,
    ...others.map(([name]) => forbidden(`${path}.${name}`, 'must populate the given metric source only')),
  ];
}

function sourceErrors(name: (typeof SOURCES)[number][0], source: DraftMap, path: string): FieldError[] {
  const target = mapAt(source, 'target') ?? {};
  const targets = targetErrors(target, `${path}.target`);
  const value = target['value'] !== undefined;
  const average = target['averageValue'] !== undefined;
  const at = `${path}.target.averageValue`;
  switch (name) {
    case 'object': {
      const described = mapAt(source, 'describedObject') ?? {};
      return [
        ...referenceErrors(described, `${path}.describedObject`),
        ...versionErrors(described, `${path}.describedObject`, true),
        ...identifierErrors(source, path),
        ...targets,
        ...(value || average ? [] : [required(at, 'must set either a target value or averageValue')]),
      ];
    }
    case 'external':
      return [
        ...identifierErrors(source, path),
        ...targets,
        ...(value || average ? [] : [required(at, 'must set either a target value for metric or a per-pod target')]),
        ...(value && average
          ? [forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target')]
          : []),
      ];
    case 'pods':
      return [
        ...identifierErrors(source, path),
        ...targets,
        ...(average ? [] : [required(at, 'must specify a positive target averageValue')]),
      ];
    case 'resource':
      return [
        ...needText(source, 'name', path, 'must specify a resource name'),
        ...targets,
        ...utilizationErrors(target, path),
      ];
    case 'containerResource':
      return [...containerErrors(source, path), ...targets, ...utilizationErrors(target, path)];
    default:
      return name satisfies never;
  }
}

function identifierErrors(source: DraftMap, path: string): FieldError[] {
  const name = textAt(mapAt(source, 'metric'), 'name');
  const field = `${path}.metric.name`;
  return name === '' ? [required(field, 'must specify a metric name')] : wrong(field, name, pathSegmentErrors(name));
}

function containerErrors(source: DraftMap, path: string): FieldError[] {
  const name = textAt(source, 'name');
  const container = textAt(source, 'container');
  return [
    ...needText(source, 'name', path, 'must specify a resource name'),
    ...(name === '' ? [] : containerResourceNameErrors(name, `${path}.name`)),
    ...needText(source, 'container', path, 'must specify a container'),
    ...(container === '' ? [] : wrong(`${path}.container`, container, dnsLabelErrors(container))),
  ];
}

function utilizationErrors(target: DraftMap, path: string): FieldError[] {
  const utilization = target['averageUtilization'] !== undefined;
  const value = target['averageValue'] !== undefined;
  if (utilization && value) {
    const detail = 'may not set both a target raw value and a target utilization';
    return [forbidden(`${path}.target.averageValue`, detail)];
  }
  if (utilization || value) return [];
  const detail = 'must set either a target raw value or a target utilization';
  return [required(`${path}.target.averageUtilization`, detail)];
}

function targetErrors(target: DraftMap, path: string): FieldError[] {
  const type = textAt(target, 'type');
  const known = ['Utilization', 'Value', 'AverageValue'].includes(type);
  const positive = (name: string): FieldError[] => {
    const value = target[name];
    if (value === undefined || quantityOf(value).nano > 0n) return [];
    return [invalid(`${path}.${name}`, value, 'must be positive')];
  };
  return [
    ...needText(target, 'type', path, 'must specify a metric target type'),
    ...(known ? [] : [invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive('value'),
    ...positive('averageValue'),
    ...bounded(target, 'averageUtilization', path, [1, Infinity], 'must be greater than 0'),
  ];
}
