import { withoutFields } from '@homeostat/diff';
import type { Ignored } from '@homeostat/diff';
import type { KubeObject, Managers } from '@homeostat/kube';
import { fieldSet, leaves, locate, parseFieldsV1, pick, printPath } from '@homeostat/merge';

/**
 * The fields of a live object that we own and that an ignore rule leaves to others from now on, with their values. If the
 * payload simply dropped them the server would reset them, so they are handed to another manager first. `undefined` when
 * there are none.
 *
 * Source: server-side apply removes a field that its only owner no longer applies (KEP-555).
 */
export function releaseOf(
  live: KubeObject,
  ignore: Ignored | undefined,
  { current, former }: Managers,
): KubeObject | undefined {
  if (ignore === undefined) return undefined;
  const ours = live.metadata.managedFields?.find(
    ({ manager, operation, subresource }) =>
      operation === 'Apply' &&
      subresource === undefined &&
      manager !== undefined &&
      [current, ...former].includes(manager),
  );
  if (ours?.fieldsV1 === undefined) return undefined;
  const owned = leaves(parseFieldsV1(ours.fieldsV1));
  const rest = withoutFields(live, ignore);
  const remaining = new Set(
    [...locate(owned, rest)].flatMap(({ path, value }) => (value === undefined ? [] : [printPath(path)])),
  );
  const released = [...locate(owned, live)].filter(
    ({ path, value }) => value !== undefined && !remaining.has(printPath(path)),
  );
  if (released.length === 0) return undefined;
  const values = pick(fieldSet(released.map(({ path }) => path)), live) as { readonly metadata?: object };
  const { name, namespace } = live.metadata;
  return {
    ...values,
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: { ...values.metadata, name, ...(namespace !== undefined && { namespace }) },
  };
}
