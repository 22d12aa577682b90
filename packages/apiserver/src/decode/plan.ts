import type { KubeData, OpenApiSchema, Presence } from '@homeostat/kube/data';
import { goField } from '@homeostat/kube/data';

/** How a value of one type is decoded. `goType` is what messages call the type. */
export type Plan =
  | { readonly kind: 'text' | 'boolean' | 'float' | 'bytes' | 'raw'; readonly goType: string }
  | { readonly kind: 'quantity' | 'intOrString' | 'time' | 'microTime'; readonly goType: string }
  | { readonly kind: 'integer'; readonly goType: string; readonly bits: 32 | 64 }
  | { readonly kind: 'list'; readonly goType: string; readonly items: Plan }
  | { readonly kind: 'map'; readonly goType: string; readonly values: Plan }
  | { readonly kind: 'struct'; readonly goType: string; readonly struct: StructPlan }
  /** A JSON schema, or something else in its place. */
  | {
      readonly kind: 'schemaOr';
      readonly goType: string;
      readonly other: 'boolean' | 'schemas' | 'texts';
      readonly struct: StructPlan;
    };

export interface StructPlan {
  /** What Go calls it. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** Those that are written, given or not. */
  readonly always: readonly FieldPlan[];
}

export interface FieldPlan {
  readonly name: string;
  /** Go's name of the struct that has it. */
  readonly owner: string;
  /** The name, with the embedded structs through which it is there. */
  readonly trail: string;
  readonly presence: Presence;
  /** In protobuf messages: see `GoField`. */
  readonly numbers: readonly number[];
  readonly plan: Plan;
}

/** Makes plans of components, each once. */
export function createPlanner(data: KubeData): (component: string) => StructPlan {
  const structs = new Map<string, StructPlan>();

  const structOf = (component: string): StructPlan => {
    const known = structs.get(component);
    if (known !== undefined) return known;
    const entries = data.goFields[component];
    if (entries === undefined) throw new Error(`no component ${component}`);
    const fields = new Map<string, FieldPlan>();
    const always: FieldPlan[] = [];
    const struct: StructPlan = { name: lastPart(component), fields, always };
    structs.set(component, struct); // before its fields: a schema holds schemas
    for (const [name, entry] of Object.entries(entries)) {
      const { presence, type, numbers, embedded } = goField(entry);
      const schema = data.schemas[component]?.properties?.[name] ?? {};
      const field: FieldPlan = {
        name,
        owner: struct.name,
        trail: embedded === undefined ? name : `${embedded}.${name}`,
        presence,
        numbers,
        plan: planOf(schema, type),
      };
      fields.set(name, field);
      if (presence === 'always' || presence === 'nullable') always.push(field);
    }
    return struct;
  };

  const planOf = (schema: OpenApiSchema, goType: string): Plan => {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
    if (reference !== undefined) return planOfComponent(reference.slice(REFERENCE.length), goType);
    switch (schema.type) {
      case 'string':
        return { kind: schema.format === 'byte' ? 'bytes' : 'text', goType };
      case 'boolean':
        return { kind: 'boolean', goType };
      case 'integer':
        return { kind: 'integer', goType, bits: schema.format === 'int32' ? 32 : 64 };
      case 'number':
        return { kind: 'float', goType };
      case 'array':
        return { kind: 'list', goType, items: planOf(schema.items ?? {}, elementType(goType, schema.items)) };
      case 'object': {
        const values = schema.additionalProperties ?? {};
        return { kind: 'map', goType, values: planOf(values, elementType(goType, values)) };
      }
      case undefined:
        return { kind: 'raw', goType };
      default:
        return schema.type satisfies never;
    }
  };

  const planOfComponent = (component: string, goType: string): Plan => {
    const kind = SPECIAL.get(component);
    if (kind !== undefined) return { kind, goType };
    const other = SCHEMA_OR.get(lastPart(component));
    if (other === undefined) return { kind: 'struct', goType, struct: structOf(component) };
    return { kind: 'schemaOr', goType, other, struct: structOf(`${parentPart(component)}.JSONSchemaProps`) };
  };

  return structOf;
}

const REFERENCE = '#/components/schemas/';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Components that decode themselves. */
const SPECIAL: ReadonlyMap<string, 'quantity' | 'intOrString' | 'time' | 'microTime' | 'raw'> = new Map([
  ['io.k8s.apimachinery.pkg.api.resource.Quantity', 'quantity'],
  ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', 'intOrString'],
  [`${META}.Time`, 'time'],
  [`${META}.MicroTime`, 'microTime'],
  [`${META}.FieldsV1`, 'raw'],
  ['io.k8s.apimachinery.pkg.runtime.RawExtension', 'raw'],
  ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON', 'raw'],
]);

const SCHEMA_OR: ReadonlyMap<string, 'boolean' | 'schemas' | 'texts'> = new Map([
  ['JSONSchemaPropsOrBool', 'boolean'],
  ['JSONSchemaPropsOrArray', 'schemas'],
  ['JSONSchemaPropsOrStringArray', 'texts'],
]);

/** `v1.Container` of `[]v1.Container`, `string` of `map[string]string`. A type with a name of its own hides it. */
function elementType(goType: string, schema: OpenApiSchema | undefined): string {
  const element = /^(?:\[\]|map\[[^\]]*\])(.*)$/.exec(goType)?.[1];
  if (element !== undefined) return element;
  const component = schema?.$ref?.split('.').slice(-2).join('.');
  return component ?? schema?.type ?? '';
}

function lastPart(component: string): string {
  return component.slice(component.lastIndexOf('.') + 1);
}

function parentPart(component: string): string {
  return component.slice(0, component.lastIndexOf('.'));
}
