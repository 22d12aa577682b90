import { gvkOf, printRef, refKey, refOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { compareFindings, isComplete, printFindingOrigin } from './finding.ts';
import type { Finding, FindingCode } from './finding.ts';
import { createRenderMemo } from './memo.ts';
import type { RenderMemo } from './memo.ts';
import type { Desired, Rendered } from './render.ts';

export interface ScopeOptions {
  /** Whether objects of a kind live in namespaces; `undefined` when nobody knows, and the object then stays as it is. */
  scopeOf(group: string, kind: string): 'Namespaced' | 'Cluster' | undefined;
  /** For namespaced objects that name none. Without it such an object is an error finding. */
  readonly namespace?: string;
  /** Refuses objects that name another namespace than `namespace`. Default false. */
  readonly enforceNamespace?: boolean;
  /** Two objects with one ref: none of them is applied (`error`, the default), or the one that stands last. */
  readonly duplicates?: 'error' | 'last-wins';
  /** The memo of the render: equal input instances then give equal output instances from pass to pass. */
  readonly memo?: RenderMemo;
}

/**
 * Gives every object the namespace in which it will live, and finds objects that would meet in the cluster. Pure.
 *
 * 1. A namespaced object without namespace gets `namespace`; a cluster-scoped one loses its namespace, with a warning.
 * 2. No two objects of the result have the same ref; whatever was left out is an error finding that names both places
 *    (with `last-wins`, an info).
 * 3. An object that needs no change is returned as the same instance; one that does as the same new instance each time
 *    (with `memo`). The order of the objects is kept.
 */
export function resolveScopes(rendered: Rendered, options: ScopeOptions): Rendered {
  const { memo = createRenderMemo() } = options;
  const findings: Finding[] = [...rendered.findings];
  const placed = rendered.objects.flatMap((desired) => placeObject(desired, options, memo, findings));
  const objects = withoutDuplicates(placed, options.duplicates ?? 'error', findings);
  findMixedVersions(objects, findings);
  findings.sort(compareFindings);
  return { ...rendered, objects, findings, complete: rendered.complete && isComplete(findings) };
}

function placeObject(
  desired: Desired,
  options: ScopeOptions,
  memo: RenderMemo,
  findings: Finding[],
): readonly Desired[] {
  const { object } = desired;
  const { group, kind } = gvkOf(object);
  const named = object.metadata.namespace ?? '';
  switch (options.scopeOf(group, kind)) {
    case undefined:
      return [desired];
    case 'Cluster':
      if (named === '') return [desired];
      findings.push(
        report(desired, 'warning', 'NAMESPACE_STRIPPED', {
          message: `${printRef(refOf(object))} names a namespace, but ${kind} objects live in none`,
          hint: 'remove metadata.namespace',
        }),
      );
      return [{ ...desired, object: memo.placed(object, '', () => inNamespace(object, undefined)) }];
    case 'Namespaced':
      return placeNamespaced(desired, named, options, memo, findings);
    default:
      throw new TypeError(`scopeOf(${group}, ${kind}) is neither Namespaced nor Cluster`);
  }
}

function placeNamespaced(
  desired: Desired,
  named: string,
  { namespace, enforceNamespace = false }: ScopeOptions,
  memo: RenderMemo,
  findings: Finding[],
): readonly Desired[] {
  const { object } = desired;
  if (named === '' && namespace === undefined) {
    findings.push(
      report(desired, 'error', 'NAMESPACE_REQUIRED', {
        message: `${printRef(refOf(object))} names no namespace, and the sync has no default`,
        hint: 'set metadata.namespace, or the namespace of the sync',
      }),
    );
    return [];
  }
  if (named === '' && namespace !== undefined) {
    return [{ ...desired, object: memo.placed(object, namespace, () => inNamespace(object, namespace)) }];
  }
  if (enforceNamespace && named !== namespace) {
    findings.push(
      report(desired, 'error', 'NAMESPACE_REFUSED', {
        message: `${printRef(refOf(object))} is outside of namespace ${namespace ?? '(none given)'}, to which this sync is confined`,
        hint: 'remove metadata.namespace, or move the object to a sync of its own',
      }),
    );
    return [];
  }
  return [desired];
}

function inNamespace(object: KubeObject, namespace: string | undefined): KubeObject {
  const { namespace: _, name, ...metadata } = object.metadata;
  return { ...object, metadata: { name, ...(namespace !== undefined && { namespace }), ...metadata } };
}

function withoutDuplicates(
  objects: readonly Desired[],
  policy: 'error' | 'last-wins',
  findings: Finding[],
): readonly Desired[] {
  const last = new Map<string, number>();
  const doubled = new Set<string>();
  for (const [index, desired] of objects.entries()) {
    const key = refKey(refOf(desired.object));
    const before = last.get(key);
    if (before !== undefined) {
      doubled.add(key);
      findings.push(duplicate(objects[before] as Desired, desired, policy));
    }
    last.set(key, index);
  }
  if (doubled.size === 0) return objects;
  return objects.filter(({ object }, index) => {
    const key = refKey(refOf(object));
    return !doubled.has(key) || (policy === 'last-wins' && last.get(key) === index);
  });
}

function duplicate(earlier: Desired, later: Desired, policy: 'error' | 'last-wins'): Finding {
  const ref = printRef(refOf(later.object));
  const other = printFindingOrigin(earlier.origin);
  return policy === 'error'
    ? report(later, 'error', 'DUPLICATE_OBJECT', {
        message: `${ref} stands twice, here and at ${other}: neither is applied`,
        hint: 'remove one of them',
      })
    : report(later, 'info', 'DUPLICATE_OBJECT', {
        message: `${ref} replaces the one at ${other}`,
        hint: 'remove the earlier one if it is not needed',
      });
}

function findMixedVersions(objects: readonly Desired[], findings: Finding[]): void {
  const first = new Map<string, Desired>();
  const reported = new Set<string>();
  for (const desired of objects) {
    const { group, version, kind } = gvkOf(desired.object);
    const key = `${group}/${kind}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, desired);
    if (earlier === undefined || gvkOf(earlier.object).version === version || reported.has(`${key}/${version}`))
      continue;
    reported.add(`${key}/${version}`);
    const other = gvkOf(earlier.object).version;
    findings.push(
      report(desired, 'warning', 'MIXED_VERSIONS', {
        message: `${kind} is written in ${version} here and in ${other} at ${printFindingOrigin(earlier.origin)}`,
        hint: 'write all objects of a kind in one version: drift is only seen in one of them without asking the server',
      }),
    );
  }
}

function report(
  { origin: { path, document, line } }: Desired,
  severity: Finding['severity'],
  code: FindingCode,
  { message, hint }: { readonly message: string; readonly hint: string },
): Finding {
  return { severity, code, message, hint, origin: { path, document, line } };
}
