import { isMap, mapAt, mapsAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { deepEqual } from './go-values.ts';

/**
 * The spec of a CRD as Kubernetes validates it: what all versions agree on (always so with one version) stands at the top
 * and no longer in the versions. That is why refusals speak of `spec.validation.openAPIV3Schema`.
 */
export interface CrdSpec {
  readonly spec: DraftMap;
  readonly versions: readonly CrdVersion[];
  readonly shared: CrdParts;
}

export interface CrdVersion extends CrdParts {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly source: DraftMap;
}

/** What may stand at the top or in each version. */
export interface CrdParts {
  /** What holds openAPIV3Schema. */
  readonly validation: DraftMap | undefined;
  readonly subresources: DraftMap | undefined;
  readonly columns: readonly DraftMap[];
  readonly selectableFields: readonly DraftMap[];
}

export function readCrdSpec(crd: Readonly<DraftMap>): CrdSpec {
  const spec = mapAt(crd, 'spec') ?? {};
  const sources = mapsAt(spec, 'versions');
  const parts = sources.map(partsOf);
  const agreed = {
    validation: agree(parts.map((part) => part.validation)),
    subresources: agree(parts.map((part) => part.subresources)),
    columns: agree(parts.map((part) => part.columns)),
    selectableFields: agree(parts.map((part) => part.selectableFields)),
  };
  const first = parts[0];
  return {
    spec,
    shared: {
      validation: agreed.validation ? first?.validation : undefined,
      subresources: agreed.subresources ? first?.subresources : undefined,
      columns: agreed.columns ? (first?.columns ?? []) : [],
      selectableFields: agreed.selectableFields ? (first?.selectableFields ?? []) : [],
    },
    versions: sources.map((source) => {
      const own = partsOf(source);
      return {
        name: typeof source['name'] === 'string' ? source['name'] : '',
        served: source['served'] === true,
        storage: source['storage'] === true,
        source,
        validation: agreed.validation ? undefined : own.validation,
        subresources: agreed.subresources ? undefined : own.subresources,
        columns: agreed.columns ? [] : own.columns,
        selectableFields: agreed.selectableFields ? [] : own.selectableFields,
      };
    }),
  };
}

/** The schema of every version, wherever it stands. */
export function schemasOf(crd: Readonly<DraftMap>): readonly DraftMap[] {
  return mapsAt(mapAt(crd, 'spec'), 'versions')
    .map((version) => mapAt(mapAt(version, 'schema'), 'openAPIV3Schema'))
    .filter(isMap);
}

export function schemaOf(validation: DraftMap | undefined): DraftMap | undefined {
  return mapAt(validation, 'openAPIV3Schema');
}

function partsOf(version: DraftMap): CrdParts {
  return {
    validation: mapAt(version, 'schema'),
    subresources: mapAt(version, 'subresources'),
    columns: mapsAt(version, 'additionalPrinterColumns'),
    selectableFields: mapsAt(version, 'selectableFields'),
  };
}

function agree(values: readonly unknown[]): boolean {
  return values.every((value) => deepEqual(value, values[0]));
}
