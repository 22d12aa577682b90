import type { GroupVersionData, KubeData, ResourceData } from '@homeostat/kube/data';
import { mapAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { autoscalingCells } from './cells/autoscaling.ts';
import { coreCells } from './cells/core.ts';
import { nameOf } from './cells/format.ts';
import type { Cells } from './cells/format.ts';
import { networkingCells } from './cells/networking.ts';
import { byPrecedence, otherCells } from './cells/others.ts';
import { podConditions } from './cells/pod.ts';
import { defaultStorageClass, storageCells } from './cells/storage.ts';
import { workloadCells } from './cells/workloads.ts';
import { nameAndAge } from './meta-columns.ts';
import type { KindTable } from './table.ts';

const CELLS: ReadonlyMap<string, Cells> = new Map(
  [coreCells, workloadCells, networkingCells, storageCells, autoscalingCells, otherCells].flatMap((cells) =>
    Object.entries(cells),
  ),
);

/**
 * The Table of a built-in kind: the columns are those of the data. A kind of which nothing else is known has its
 * name and the time of its creation.
 */
export function builtinTable(
  { group, version }: Pick<GroupVersionData, 'group' | 'version'>,
  { kind, columns }: Pick<ResourceData, 'kind' | 'columns'>,
): KindTable {
  const cells = CELLS.get(`${group}/${version}/${kind}`) ?? CELLS.get(`${group}/${kind}`);
  if (cells === undefined) return { columns, cells: nameAndCreation, nullWhenEmpty: true };
  switch (`${group}/${kind}`) {
    case '/Pod':
      return { columns, cells, conditions: podConditions };
    case 'storage.k8s.io/StorageClass':
      return { columns, cells, list: (objects, now) => withDefault(objects, cells, now) };
    case 'flowcontrol.apiserver.k8s.io/FlowSchema':
      return { columns, cells, list: (objects, now) => inOrder(objects.toSorted(byPrecedence), cells, now) };
    case 'apiextensions.k8s.io/CustomResourceDefinition':
      return { columns, cells, nullWhenEmpty: true };
    default:
      return { columns, cells };
  }
}

/** The Table of the `/scale` of any kind. */
export function scaleTable(data: KubeData): KindTable {
  const [name, age] = nameAndAge(data);
  const number = { type: 'integer', format: '', priority: 0 };
  return {
    columns: [
      { ...name, format: '' },
      { ...number, name: 'Desired', description: 'How many Pods there are to be.' },
      { ...number, name: 'Available', description: 'How many Pods there are.' },
      age,
    ],
    cells: CELLS.get('autoscaling/Scale') ?? nameAndCreation,
  };
}

const nameAndCreation: Cells = (object) => [nameOf(object), textAt(mapAt(object, 'metadata'), 'creationTimestamp')];

function inOrder(objects: readonly DraftMap[], cells: Cells, now: number): ReturnType<NonNullable<KindTable['list']>> {
  return objects.map((object) => ({ object, cells: cells(object, now) }));
}

/** Which class is the default only the whole list tells. */
function withDefault(objects: readonly DraftMap[], cells: Cells, now: number): ReturnType<typeof inOrder> {
  const chosen = defaultStorageClass(objects);
  return inOrder(objects, cells, now).map((row) => {
    const [name, ...others] = row.cells;
    return row.object === chosen ? { ...row, cells: [`${String(name)} (default)`, ...others] } : row;
  });
}
