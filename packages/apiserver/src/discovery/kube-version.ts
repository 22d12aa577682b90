const STAGES = ['alpha', 'beta'];

/**
 * The order in which Kubernetes lists versions of a group: `v2`, `v1`, `v2beta1`, `v1alpha3`, and then, by name, what has
 * no such form.
 */
export function compareKubeVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left === undefined || right === undefined) {
    if (left !== right) return left === undefined ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function rankOf(
  version: string,
): { readonly stage: number; readonly major: number; readonly minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (match === null) return undefined;
  const [, major, stage, minor] = match;
  return { major: Number(major), stage: stage === undefined ? 2 : STAGES.indexOf(stage), minor: Number(minor ?? 0) };
}
