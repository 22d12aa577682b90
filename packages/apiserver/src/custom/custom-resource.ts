import { isMap, listAt, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { compareKubeVersions } from '../discovery/kube-version.ts';
import { compileSchema } from './structural.ts';
import type { Structural } from './structural.ts';

/** What a CustomResourceDefinition defines, read once: every version with its compiled schema. */
export interface CustomResource {
  readonly group: string;
  readonly names: CustomNames;
  readonly namespaced: boolean;
  readonly versions: readonly CustomVersion[];
  /** Names that have been accepted and a server that serves them: the condition Established. */
  readonly established: boolean;
  /** It is being deleted: its objects can still be read and deleted, but none is created. */
  readonly terminating: boolean;
}

export interface CustomNames {
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly kind: string;
  readonly listKind: string;
  readonly categories: readonly string[];
}

export interface CustomVersion {
  readonly name: string;
  /** `group/name`. */
  readonly apiVersion: string;
  readonly served: boolean;
  readonly storage: boolean;
  /** Text of the Warning that goes with every answer; `undefined` unless the version is deprecated. */
  readonly deprecation: string | undefined;
  readonly schema: Structural;
  readonly columns: readonly CustomColumn[];
  /** Whether there is a `/status`, and so a status that the main endpoint leaves alone. */
  readonly status: boolean;
  readonly scale: ScalePaths | undefined;
  /** Paths as field selectors name them: `spec.color`. */
  readonly selectableFields: readonly string[];
}

export interface CustomColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  /** As in the CRD: `.spec.color`. */
  readonly jsonPath: string;
}

/** Where in the object the numbers of `/scale` stand, as in the CRD: `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector: string | undefined;
}

/**
 * Reads a CustomResourceDefinition that has been validated. The names are those that were accepted, as far as there are any
 * (a CRD whose names conflict serves those it had before); otherwise those it asks for.
 */
export function customResourceOf(crd: Readonly<DraftMap>): CustomResource {
  const spec = mapAt(crd, 'spec') ?? {};
  const group = textAt(spec, 'group');
  const accepted = mapAt(mapAt(crd, 'status'), 'acceptedNames');
  const names = textAt(accepted, 'plural') === '' ? mapAt(spec, 'names') : accepted;
  return {
    group,
    names: namesOf(names ?? {}),
    namespaced: textAt(spec, 'scope') === 'Namespaced',
    versions: mapsAt(spec, 'versions').map((version) =>
      versionOf(version, group, textAt(mapAt(spec, 'names'), 'kind'), mapsAt(spec, 'versions')),
    ),
    established: hasCondition(crd, 'Established'),
    terminating: hasCondition(crd, 'Terminating') || mapAt(crd, 'metadata')?.['deletionTimestamp'] !== undefined,
  };
}

export function hasCondition(crd: Readonly<DraftMap>, type: string): boolean {
  const conditions = mapsAt(mapAt(crd, 'status'), 'conditions');
  return conditions.some((condition) => condition['type'] === type && condition['status'] === 'True');
}

export function namesOf(names: Readonly<DraftMap>): CustomNames {
  return {
    plural: textAt(names, 'plural'),
    singular: textAt(names, 'singular'),
    shortNames: textsAt(names, 'shortNames'),
    kind: textAt(names, 'kind'),
    listKind: textAt(names, 'listKind'),
    categories: textsAt(names, 'categories'),
  };
}

function versionOf(version: DraftMap, group: string, kind: string, all: readonly DraftMap[]): CustomVersion {
  const name = textAt(version, 'name');
  const subresources = mapAt(version, 'subresources');
  const scale = mapAt(subresources, 'scale');
  const schema = mapAt(mapAt(version, 'schema'), 'openAPIV3Schema') ?? {};
  return {
    name,
    apiVersion: `${group}/${name}`,
    served: version['served'] === true,
    storage: version['storage'] === true,
    deprecation: version['deprecated'] === true ? deprecationOf(version, group, kind, all) : undefined,
    schema: compileSchema(schema),
    columns: mapsAt(version, 'additionalPrinterColumns').map(columnOf),
    status: isMap(subresources?.['status']),
    scale: scale && {
      specReplicas: textAt(scale, 'specReplicasPath'),
      statusReplicas: textAt(scale, 'statusReplicasPath'),
      labelSelector: textAt(scale, 'labelSelectorPath') === '' ? undefined : textAt(scale, 'labelSelectorPath'),
    },
    selectableFields: mapsAt(version, 'selectableFields').map((field) => textAt(field, 'jsonPath').replace(/^\./, '')),
  };
}

/** Its own text, or one that names the newest version to use instead. */
function deprecationOf(version: DraftMap, group: string, kind: string, all: readonly DraftMap[]): string {
  const own = textAt(version, 'deprecationWarning');
  if (own !== '') return own;
  const name = textAt(version, 'name');
  const better = all
    .filter((other) => other['served'] === true && other['deprecated'] !== true)
    .map((other) => textAt(other, 'name'))
    .filter((other) => compareKubeVersions(other, name) < 0)
    .toSorted(compareKubeVersions)[0];
  const text = `${group}/${name} ${kind} is deprecated`;
  return better === undefined ? text : `${text}; use ${group}/${better} ${kind}`;
}

function columnOf(column: DraftMap): CustomColumn {
  return {
    name: textAt(column, 'name'),
    type: textAt(column, 'type'),
    format: textAt(column, 'format'),
    description: textAt(column, 'description'),
    priority: numberAt(column, 'priority') ?? 0,
    jsonPath: textAt(column, 'jsonPath'),
  };
}

export function textsAt(parent: DraftMap | undefined, field: string): readonly string[] {
  return listAt(parent, field).filter((one) => typeof one === 'string');
}
