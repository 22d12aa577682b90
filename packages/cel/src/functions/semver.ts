import type { Environment } from '@marcbachmann/cel-js';
import { register, registerValue } from './register.ts';

class CelVersion {
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
  readonly build: string;

  constructor(numbers: readonly bigint[], pre: readonly string[], build: string) {
    this.numbers = numbers;
    this.pre = pre;
    this.build = build;
  }

  equals(other: unknown): boolean {
    return other instanceof CelVersion && compare(this, other) === 0;
  }
}

const VERSION =
  /^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/** Source: Kubernetes `apiserver/pkg/cel/library/semverlib.go`; SemVer 2.0.0. */
export function registerSemver(environment: Environment): void {
  const name = 'kubernetes.Semver';
  registerValue(environment, name, CelVersion);
  register(environment, {
    [`semver(string): ${name}`]: (text: string) => semver(text),
    [`semver(string, bool): ${name}`]: (text: string, normalize: boolean) =>
      semver(normalize ? normalized(text) : text),
    'isSemver(string): bool': (text: string) => parse(text) !== undefined,
    'isSemver(string, bool): bool': (text: string, normalize: boolean) =>
      parse(normalize ? normalized(text) : text) !== undefined,
    [`${name}.major(): int`]: ({ numbers }: CelVersion) => numbers[0],
    [`${name}.minor(): int`]: ({ numbers }: CelVersion) => numbers[1],
    [`${name}.patch(): int`]: ({ numbers }: CelVersion) => numbers[2],
    [`${name}.compareTo(${name}): int`]: (a: CelVersion, b: CelVersion) => BigInt(compare(a, b)),
    [`${name}.isGreaterThan(${name}): bool`]: (a: CelVersion, b: CelVersion) => compare(a, b) > 0,
    [`${name}.isLessThan(${name}): bool`]: (a: CelVersion, b: CelVersion) => compare(a, b) < 0,
  });
}

function parse(text: string): CelVersion | undefined {
  const match = text.length > 256 ? null : VERSION.exec(text);
  if (match === null) return undefined;
  const [, major = '', minor = '', patch = '', pre = '', build = ''] = match;
  return new CelVersion([major, minor, patch].map(BigInt), pre === '' ? [] : pre.split('.'), build);
}

function semver(text: string): CelVersion {
  const version = parse(text);
  if (version === undefined) throw new Error('this is no semantic version, as 1.2.3');
  return version;
}

/** A leading `v`, missing parts and leading zeros are mended. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([0-9.]*)(.*)$/.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=[0-9])/, ''));
  while (parts.length < 3) parts.push('0');
  return `${parts.join('.')}${rest}`;
}

function compare(a: CelVersion, b: CelVersion): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Number(a.pre.length === 0) - Number(b.pre.length === 0);
  for (const [index, part] of a.pre.entries()) {
    const other = b.pre[index];
    if (other === undefined) return 1;
    const order = comparePart(part, other);
    if (order !== 0) return order;
  }
  return a.pre.length < b.pre.length ? -1 : 0;
}

function comparePart(a: string, b: string): number {
  const numeric = [a, b].map((part) => /^[0-9]+$/.test(part));
  if (numeric[0] !== numeric[1]) return numeric[0] === true ? -1 : 1;
  const [left, right] = numeric[0] === true ? [BigInt(a), BigInt(b)] : [a, b];
  return left < right ? -1 : left > right ? 1 : 0;
}
