import { DUMP_SCHEMA, NOT_RESOLVED, defineScalarTag, dump, strTag } from 'js-yaml';
import type { Schema } from 'js-yaml';
import { isRecord } from '@homeostat/kube';
import { resolveScalar } from './resolve-scalar.ts';

/**
 * Quotes every string that Kubernetes, or a reader of YAML 1.1 or 1.2, would take for something else. The tags before
 * ours print booleans, null and numbers; this one prints 64-bit integers and claims what Go would not read as text.
 */
const goScalar = defineScalarTag('tag:yaml.org,2002:go', {
  implicit: true,
  resolve(source) {
    const value = resolveScalar(source);
    return typeof value === 'string' ? NOT_RESOLVED : value;
  },
  identify: () => false,
});

const bigintTag = defineScalarTag('tag:yaml.org,2002:bigint', {
  resolve: () => NOT_RESOLVED,
  identify: (value) => typeof value === 'bigint',
});

const schema: Schema = DUMP_SCHEMA.withTags(goScalar, bigintTag, strTag);

/**
 * Writes a value as YAML for people: one document, block style, `apiVersion`, `kind` and `metadata` first, the other
 * keys as they come. `parseYaml` and Kubernetes read it back as the same value.
 */
export function toYaml(value: unknown): string {
  return dump(ordered(value), { schema, noRefs: true, lineWidth: -1 });
}

const FIRST = ['apiVersion', 'kind', 'metadata'];

function ordered(value: unknown): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, 'apiVersion')) return value;
  const first = FIRST.filter((key) => Object.hasOwn(value, key)).map((key) => [key, value[key]] as const);
  const rest = Object.entries(value).filter(([key]) => !FIRST.includes(key));
  return Object.fromEntries([...first, ...rest]);
}
