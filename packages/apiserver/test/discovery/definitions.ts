/** Definitions that use everything which a schema of a custom resource can say. */
export interface Definition {
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

const anything = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };

export function gadgets(group: string): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd', 'gg'], categories: ['all', 'mine'] },
      versions: [
        { name: 'v1beta1', served: true, storage: false, deprecated: true, schema: anything },
        { name: 'v1alpha1', served: false, storage: false, schema: anything },
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          selectableFields: [{ jsonPath: '.spec.color' }],
          schema: { openAPIV3Schema: gadget },
        },
      ],
    },
  };
}

export function things(group: string): Definition {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing', listKind: 'ThingCollection' },
      versions: [
        { name: 'v2alpha1', served: true, storage: false, schema },
        { name: 'v1', served: true, storage: true, schema },
      ],
    },
  };
}

const gadget = {
  type: 'object',
  description: 'A gadget.',
  required: ['spec'],
  properties: {
    metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 10 } } },
    spec: {
      type: 'object',
      description: 'What it is to be.',
      required: ['color'],
      'x-kubernetes-validations': [{ rule: "self.color != 'x'", message: 'not x' }],
      properties: {
        color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
        replicas: { type: 'integer', format: 'int32', minimum: 0, maximum: 10 },
        port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        other: { 'x-kubernetes-int-or-string': true },
        short: {
          'x-kubernetes-int-or-string': true,
          allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { maxLength: 3 }],
        },
        maybe: { type: 'string', nullable: true, pattern: '^a' },
        never: { type: 'string', nullable: false },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { a: { type: 'number', format: 'double', exclusiveMinimum: true, minimum: 1 } },
        },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        named: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          required: ['spec'],
          properties: { spec: { type: 'object' }, metadata: { type: 'object' } },
        },
        map: { type: 'object', additionalProperties: { type: 'array', items: { type: 'integer' } } },
        opaque: { type: 'object', additionalProperties: true, 'x-kubernetes-map-type': 'atomic' },
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['a'],
          items: {
            type: 'object',
            required: ['a'],
            properties: { a: { type: 'string' }, b: { type: 'object', 'x-kubernetes-map-type': 'granular' } },
          },
        },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', maxItems: 4, items: { type: 'string', maxLength: 3 } },
        logic: {
          type: 'object',
          not: { required: ['q'] },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
          allOf: [{ properties: { a: { minLength: 1 } } }],
          properties: { a: { type: 'string', title: 'T', example: 'e' }, b: { type: 'boolean', default: false } },
        },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
};
