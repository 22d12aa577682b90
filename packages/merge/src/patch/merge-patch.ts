import { isMap, withoutNulls } from './json-value.ts';

/**
 * A JSON merge patch (RFC 7386): entries of `patch` replace those of `target`, maps are merged, null removes.
 *
 * Where the API server is not RFC 7386, this does as the server does: null entries of maps inside a list that is set are
 * dropped too (null items of the list stay), unless that list takes the place of a map. Neither argument is changed; parts
 * of both may stand in the result.
 *
 * Source: RFC 7386; evanphx/json-patch v4, seen on Kubernetes 1.37.2.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(target)) return withoutNulls(patch);
  if (!isMap(patch)) return patch;
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
