import { MergeError } from '../error.ts';

/** What a strategic merge patch must know about a map: how each of its fields is merged. */
export interface PatchType {
  /**
   * The field with this name.
   *
   * @throws {MergeError} `UNKNOWN_FIELD`: the type has no such field, or is no map with named fields.
   */
  readonly field: (name: string) => PatchField;
}

export interface PatchField {
  /** `merge` only says something about lists: maps are merged unless it is `replace`, lists are replaced unless it is `merge`. */
  readonly strategy: 'merge' | 'replace' | undefined;
  /** What names the items of a list. */
  readonly mergeKey: string | undefined;
  /** Type of the value; of its items where it is a list. */
  readonly type: PatchType;
}

/** The part of an OpenAPI v3 schema that says how to patch. */
export interface PatchSchema {
  readonly $ref?: string;
  readonly allOf?: readonly PatchSchema[];
  readonly properties?: Readonly<Record<string, PatchSchema>>;
  readonly items?: PatchSchema;
  readonly additionalProperties?: unknown;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
}

const REFERENCE = '#/components/schemas/';

/**
 * The patch type of a schema of Kubernetes' OpenAPI v3 documents, read as far as a patch goes: schemas refer to each other
 * in circles.
 *
 * @param resolve the schema of a component by its name.
 */
export function patchTypeFromOpenApi(
  schema: PatchSchema,
  resolve: (name: string) => PatchSchema | undefined,
): PatchType {
  return {
    field: (name) => {
      const { properties, additionalProperties } = resolved(schema, resolve);
      if (properties === undefined || !Object.hasOwn(properties, name)) {
        throw new MergeError('UNKNOWN_FIELD', missing(name, additionalProperties !== undefined));
      }
      const field = properties[name] as PatchSchema;
      return {
        strategy: strategyOf(field['x-kubernetes-patch-strategy']),
        mergeKey: field['x-kubernetes-patch-merge-key'],
        type: patchTypeFromOpenApi(resolved(field, resolve).items ?? field, resolve),
      };
    },
  };
}

function missing(name: string, isMap: boolean): string {
  if (isMap) return 'merging an object in json but data type is not struct, instead is: map';
  return `unable to find api field "${name}"`;
}

function resolved(schema: PatchSchema, resolve: (name: string) => PatchSchema | undefined): PatchSchema {
  // A reference with extensions beside it is written as the only member of allOf.
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference === undefined) return schema;
  const target = resolve(reference.slice(REFERENCE.length));
  if (target === undefined) throw new MergeError('UNKNOWN_FIELD', `unable to resolve ${reference} in OpenAPI V3`);
  return target;
}

/** `retainKeys` beside a strategy says what clients send; a patch that uses it says so itself. */
function strategyOf(strategies: string | undefined): PatchField['strategy'] {
  const names = strategies?.split(',') ?? [];
  return names.includes('merge') ? 'merge' : names.includes('replace') ? 'replace' : undefined;
}
