import { DUMP_SCHEMA, NOT_RESOLVED, defineScalarTag, dump, intYaml11Tag } from 'js-yaml';
import type { Schema } from 'js-yaml';
import { isRecord, resolveScalar } from '@homeostat/kube';

/** Text that begins so would be read as part of what stands before it. */
const GLUED_COLON = /^:[,[\]{}]/;

/** Claims what Kubernetes would not read as text, so that such text is quoted. */
const goScalar = defineScalarTag('tag:yaml.org,2002:go', {
  implicit: true,
  resolve(source) {
    const value = resolveScalar(source);
    if (typeof value !== 'string') return value;
    return GLUED_COLON.test(source) ? source : NOT_RESOLVED;
  },
  identify: () => false,
});

/** Integers, 64-bit ones too. */
const integer: typeof intYaml11Tag = {
  ...intYaml11Tag,
  identify: (value) => typeof value === 'bigint' || intYaml11Tag.identify(value),
};

/**
 * Quotes what a reader of YAML 1.1 or 1.2 would take for something else than text, Kubernetes included. The order
 * matters: a value is printed under the first tag that its own text resolves to.
 */
const schema: Schema = DUMP_SCHEMA.withTags(integer, goScalar);

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
