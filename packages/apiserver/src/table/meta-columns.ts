import type { ColumnData, KubeData } from '@homeostat/kube/data';

const MISSING: ColumnData = { name: '', type: 'string', format: '', priority: 0, description: '' };

/** The two columns that nearly every kind has, from a kind that has no others. */
export function nameAndAge(data: KubeData): readonly [name: ColumnData, age: ColumnData] {
  const core = data.groupVersions.find(({ group }) => group === '');
  const [name, age] = core?.resources.find(({ kind }) => kind === 'ServiceAccount')?.columns ?? [];
  return [name ?? MISSING, age ?? MISSING];
}
