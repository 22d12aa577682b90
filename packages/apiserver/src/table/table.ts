import type { ColumnData } from '@homeostat/kube/data';
import type { DraftMap } from '../draft.ts';
import type { Cell, Cells } from './cells/format.ts';

/** How objects of one kind are shown in rows. Made once per kind: `builtinTable`, `customTable`, `scaleTable`. */
export interface KindTable {
  readonly columns: readonly ColumnData[];
  /** One per column. */
  readonly cells: Cells;
  /** What clients may know about the row, such as that the object has ended. */
  readonly conditions?: (object: DraftMap) => readonly object[] | undefined;
  /** No rows at all are written as null. */
  readonly nullWhenEmpty?: true;
  /** How a whole list is shown, where that is more than one object after the other. */
  readonly list?: (
    objects: readonly DraftMap[],
    now: number,
  ) => readonly { readonly object: DraftMap; readonly cells: readonly Cell[] }[];
}

export interface TableOptions {
  /** What each row carries of its object: only its metadata, all of it, or nothing. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** Milliseconds. */
  readonly now: number;
  /** The objects are all that a list has, and not one object or one event. */
  readonly isList: boolean;
  /** In a watch only the first Table has them. */
  readonly withDefinitions: boolean;
  /** Metadata of the list, or the resourceVersion of the object. */
  readonly listMeta: Readonly<Record<string, unknown>>;
  /** Of `meta.k8s.io`. Default `v1`. */
  readonly version?: 'v1' | 'v1beta1';
}

/**
 * Objects as a Table, the form in which kubectl lists them (meta.k8s.io, Table). Cells are those of Kubernetes 1.37, wide ones
 * included.
 */
export function tableOf(
  objects: readonly Readonly<Record<string, unknown>>[],
  kind: KindTable,
  { includeObject, now, isList, withDefinitions, listMeta, version = 'v1' }: TableOptions,
): Readonly<Record<string, unknown>> {
  const apiVersion = `meta.k8s.io/${version}`;
  const written = ({ object, cells }: { readonly object: DraftMap; readonly cells: readonly Cell[] }): object => {
    const conditions = kind.conditions?.(object);
    return {
      cells,
      ...(conditions !== undefined && { conditions }),
      object: rowObject(object, includeObject, apiVersion),
    };
  };
  const rows =
    isList && kind.list !== undefined
      ? kind.list(objects, now)
      : objects.map((object) => ({ object, cells: kind.cells(object, now) }));
  return {
    kind: 'Table',
    apiVersion,
    metadata: listMeta,
    columnDefinitions: withDefinitions ? kind.columns : null,
    rows: rows.length === 0 && kind.nullWhenEmpty === true ? null : rows.map(written),
  };
}

function rowObject(object: DraftMap, include: TableOptions['includeObject'], apiVersion: string): unknown {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object['metadata'] };
}
