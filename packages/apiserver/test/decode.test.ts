import { kubeData } from '@homeostat/kube/data';
import { describe, expect, test } from 'vitest';
import { DecodeError, refusalOf } from '../src/decode/decode-error.ts';
import { createDecoder } from '../src/decode/decoder.ts';
import type { BuiltinType, Decoded } from '../src/decode/decoder.ts';
import { parseBody } from '../src/decode/parse-body.ts';

// Every expected text is what Kubernetes 1.37.2 answered to the same body.

const data = kubeData();
const decoder = createDecoder(data);
const configMap = builtin('core', '', 'ConfigMap');
const deployment = builtin('apps', 'apps', 'Deployment');
const service = builtin('core', '', 'Service');

describe('a body', () => {
  test('is JSON or YAML', () => {
    const json = parse('{"data":{"a":"b"}}');
    expect(parse('data: {a: b}\n', 'application/yaml').value).toEqual(json.value);
    expect(parse('{"data":{"a":"b"}}', 'application/apply-patch+yaml; charset=utf-8').value).toEqual(json.value);
  });

  test('keeps integers of 64 bits', () => {
    expect(parse('{"a":9223372036854775807,"b":[-9007199254740993]}').value).toEqual({
      a: 9223372036854775807n,
      b: [-9007199254740993n],
    });
    expect(parse('a: 9223372036854775807\n', 'application/yaml').value).toEqual({ a: 9223372036854775807n });
  });

  test('reads YAML 1.1 and no other', () => {
    expect(parse('%YAML 1.1\n---\na: b\n', 'application/yaml').value).toEqual({ a: 'b' });
    expect(() => parse('# a\n\n%YAML 1.2\n---\na: b\n', 'application/yaml')).toThrow(
      'yaml: found incompatible YAML document',
    );
    expect(parse('a: |\n  %YAML 1.2\n', 'application/yaml').value).toEqual({ a: '%YAML 1.2\n' });
  });

  test('tells of keys that stand twice, wherever, and takes the last', () => {
    const { value, duplicates } = parse('{"a":1,"b":[{"c":1,"c":{"d":1,"d":2}}],"a":2}');
    expect(value).toEqual({ a: 2, b: [{ c: { d: 2 } }] });
    expect(duplicates).toEqual(['duplicate field "b[0].c"', 'duplicate field "b[0].c.d"', 'duplicate field "a"']);
  });

  test('in YAML has one message for all of them', () => {
    const { value, duplicates } = parse('a: 1\nb:\n  1.5: x\n  1.5: z\na: |\n  text\n', 'application/yaml');
    expect(value).toEqual({ a: 'text\n', b: { '1.5': 'z' } });
    expect(duplicates).toEqual([
      'yaml: unmarshal errors:\n  line 4: key 1.5 already set in map\n  line 5: key "a" already set in map',
    ]);
  });

  test('may nest 10,000 deep', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parse(nested(10_000))).not.toThrow();
    expect(() => parse(nested(10_001))).toThrow(/invalid character '\[' exceeded max depth$/);
    expect(() => parse(nested(200_000))).toThrow(/exceeded max depth$/);
  });

  test('does not reach a prototype', () => {
    const { value } = parse('{"data":{"__proto__":"a","constructor":"b"},"x":1.5}');
    const { object } = decoder.decode(value, configMap);
    expect(Object.entries(object['data'] ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  test.each([
    ['', 'unexpected end of JSON input (<empty>)'],
    ['{"a":', 'unexpected end of JSON input ({"a":)'],
    ['{"a":1,}', `invalid character '}' looking for beginning of object key string ({"a":1,})`],
    ['{"a":01}', `invalid character '1' after object key:value pair ({"a":01})`],
    ['{"a":tru}', `invalid character '}' in literal true (expecting 'e') ({"a":tru})`],
    ['1.', `invalid character ' ' after decimal point in numeric literal (312e)`],
    ['{"a":"\\x"}', `invalid character 'x' in string escape code ({"a":"\\x"})`],
    ['\u00e9', `invalid character 'Ã' looking for beginning of value (c3a9)`],
    ["{'a'}", `invalid character '\\'' looking for beginning of object key string ({'a'})`],
    ['{"kind":5}', 'json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})'],
  ])('%j is refused as Go refuses it', (text, why) => {
    expect(refusal(text, configMap)).toBe(
      `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${why}`,
    );
  });
});

describe('another kind', () => {
  test.each([
    ['{"kind":"Secret"}', 'Secret', 'v1', 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
    [
      '{"kind":"Nope"}',
      'Nope',
      'v1',
      'no kind "Nope" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      '{"apiVersion":"v2"}',
      'ConfigMap',
      'v2',
      'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
    ],
  ])('%s is refused', (text, kind, version, why) => {
    expect(refusal(text, configMap)).toBe(`${kind} in version "${version}" cannot be handled as a ConfigMap: ${why}`);
  });

  test('is decoded first, and refused for what is wrong in it', () => {
    expect(refusal('{"kind":"Secret","data":{"a":5}}', configMap)).toBe(
      'Secret in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field Secret.data of type []uint8',
    );
  });

  test('of the same name in another version is refused for its version', () => {
    const scaler = builtin('autoscaling', 'autoscaling', 'HorizontalPodAutoscaler', 'v2');
    expect(refusal('{"apiVersion":"autoscaling/v1"}', scaler)).toBe(
      'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    );
  });

  test('may be left out', () => {
    expect(decode('{}', deployment).object).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
  });
});

describe('a value of a wrong type', () => {
  test.each([
    [configMap, '{"data":{"a":5}}', 'number', 'ConfigMap.data of type string'],
    [configMap, '{"data":["a"]}', 'array', 'ConfigMap.data of type map[string]string'],
    [configMap, '{"metadata":{"labels":{"a":true}}}', 'bool', 'ObjectMeta.metadata.labels of type string'],
    [deployment, '{"spec":{"replicas":1.0}}', 'number 1.0', 'DeploymentSpec.spec.replicas of type int32'],
    [deployment, '{"spec":{"replicas":3e9}}', 'number 3e9', 'DeploymentSpec.spec.replicas of type int32'],
    [deployment, '{"spec":{"replicas":3000000000}}', 'number 3000000000', 'DeploymentSpec.spec.replicas of type int32'],
    [
      deployment,
      '{"spec":{"template":{"spec":{"volumes":[{"name":"a","hostPath":"/"}]}}}}',
      'string',
      'Volume.spec.template.spec.volumes.VolumeSource.hostPath of type v1.HostPathVolumeSource',
    ],
    [service, '{"spec":{"ports":[{"targetPort":true}]}}', 'bool', 'ServicePort.spec.ports.targetPort of type int32'],
  ])('names the field as Go does: %#', (type, text, word, field) => {
    expect(problem(text, type)).toBe(`json: cannot unmarshal ${word} into Go struct field ${field}`);
  });

  test('is told of once, the first; what types refuse themselves comes before', () => {
    const text = '{"spec":{"replicas":"x","paused":"y","template":{"spec":{"overhead":{"cpu":"1x"}}}}}';
    expect(problem(text, deployment)).toMatch(/^quantities must match/);
    expect(problem(text.replace('"1x"', '[1]'), deployment)).toMatch(/^quantities must match/);
    expect(problem('{"spec":{"replicas":"x","paused":"y"}}', deployment)).toMatch(/replicas of type int32$/);
  });

  test.each([
    ['"2026"', 'parsing time "2026" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "-"'],
    ['"2026-02-30T00:00:00Z"', 'parsing time "2026-02-30T00:00:00Z": day out of range'],
    ['"2026-01-02T03:04:05Zx"', 'parsing time "2026-01-02T03:04:05Zx": extra text: "x"'],
    ['5', 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.deletionTimestamp of type string'],
  ])('time %s', (time, message) => {
    expect(problem(`{"metadata":{"deletionTimestamp":${time}}}`, configMap)).toBe(message);
  });

  test('base64 names the byte', () => {
    expect(problem('{"binaryData":{"a":"YWI!"}}', configMap)).toBe('illegal base64 data at input byte 3');
  });
});

describe('fields', () => {
  test('that a kind does not have, or that stand twice, are told of in the order of the document', () => {
    const text = '{"x":{"y":1},"data":{"a":"1","a":"2"},"metadata":{"name":"n","nam":1,"name":"m"},"x":2}';
    const { object, strictErrors, unknownFields } = decode(text, configMap);
    expect(strictErrors).toEqual([
      'unknown field "x"',
      'duplicate field "data.a"',
      'unknown field "metadata.nam"',
      'duplicate field "metadata.name"',
    ]);
    expect(unknownFields).toEqual(['x', 'metadata.nam']);
    expect(object).toMatchObject({ data: { a: '2' }, metadata: { name: 'm' } });
    expect(object).not.toHaveProperty('x');
  });

  test('are told of a hundred times at most', () => {
    const text = `{${Array.from({ length: 200 }, (_, at) => `"x${String(at)}":1`).join(',')}}`;
    expect(decode(text, configMap).strictErrors).toHaveLength(100);
  });

  test('that are structs and stand twice are joined', () => {
    const text = '{"metadata":{"name":"a","labels":{"a":"1"}},"metadata":{"namespace":"b","labels":{"b":"2"}}}';
    expect(decode(text, configMap).object.metadata).toEqual({ name: 'a', namespace: 'b', labels: { a: '1', b: '2' } });
  });

  test('are matched by case', () => {
    expect(decode('{"Data":{}}', configMap).strictErrors).toEqual(['unknown field "Data"']);
  });

  test('with nothing in them go, unless their type keeps them', () => {
    const text = `{"metadata":{"name":"a","labels":{},"finalizers":[],"generateName":"","creationTimestamp":null},
      "spec":{"replicas":0,"paused":false,"minReadySeconds":0,"selector":{},"template":{"spec":{
        "containers":[{"name":"a","args":[],"tty":false,"securityContext":{}}],"nodeSelector":null,"hostNetwork":false}}}}`;
    expect(decode(text, deployment).object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: {
        replicas: 0,
        selector: {},
        strategy: {},
        template: {
          metadata: {},
          spec: { containers: [{ name: 'a', resources: {}, securityContext: {} }] },
        },
      },
      status: {},
    });
  });

  test('that are always written are there', () => {
    expect(decoder.zero('io.k8s.api.apps.v1.StatefulSetStatus')).toEqual({ availableReplicas: 0, replicas: 0 });
    expect(decode('{}', builtin('rbac', 'rbac.authorization.k8s.io', 'Role')).object['rules']).toBeNull();
    expect(decode('{"rules":[]}', builtin('rbac', 'rbac.authorization.k8s.io', 'Role')).object['rules']).toBeNull();
  });

  test('become canonical', () => {
    const pod = builtin('core', '', 'Pod');
    const text = `{"metadata":{"deletionTimestamp":"2026-01-02T03:04:05.9+02:00"},"spec":{"containers":[{"resources":
      {"limits":{"cpu":"1000m","memory":"1024Mi","a/b":0.5,"c/d":" 2 "}}}],"overhead":{"cpu":null}}}`;
    const { object } = decode(text, pod);
    expect(object.metadata['deletionTimestamp']).toBe('2026-01-02T01:04:05Z');
    expect(object).toMatchObject({
      spec: {
        containers: [{ resources: { limits: { cpu: '1', memory: '1Gi', 'a/b': '500m', 'c/d': '2' } } }],
        overhead: { cpu: '0' },
      },
    });
    expect(decode('{"binaryData":{"a":"YR==\\n","b":[97],"c":null}}', configMap).object['binaryData']).toEqual({
      a: 'YQ==',
      b: 'YQ==',
      c: '',
    });
  });
});

describe('what a strategic merge patch has made', () => {
  test.each([
    [{ spec: { replicas: 'x' } }, 'unrecognized type: int32'],
    [{ spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
    [{ spec: { paused: 1 } }, 'unrecognized type: bool'],
    [{ spec: [1] }, 'cannot restore struct from: slice'],
    [{ spec: { template: { spec: { restartPolicy: 5 } } } }, 'cannot convert int64 to v1.RestartPolicy'],
    [{ spec: { template: { spec: { restartPolicy: true } } } }, 'unrecognized type: string'],
    [{ spec: { template: { spec: { nodeSelector: 'x' } } } }, 'cannot restore map from string'],
    [{ spec: { template: { spec: { nodeSelector: { a: 1 } } } } }, 'cannot convert int64 to string'],
    [{ spec: { template: { spec: { tolerations: {} } } } }, 'cannot restore slice from map'],
    [
      { spec: { strategy: { rollingUpdate: { maxSurge: true } } } },
      'json: cannot unmarshal bool into Go value of type int32',
    ],
    [{ metadata: { deletionTimestamp: 5 } }, 'json: cannot unmarshal number into Go value of type string'],
  ])('%j is refused in the words of the converter', (value, message) => {
    expect(failureOf(() => decoder.decodePatched(value, deployment, 'strategic')).message).toBe(message);
  });

  test('may hold numbers of any size', () => {
    const { object } = decoder.decodePatched({ spec: { replicas: 3_000_000_000 } }, deployment, 'strategic');
    expect(object).toMatchObject({ spec: { replicas: -1_294_967_296 } });
  });

  test('tells of unknown fields in order', () => {
    const value = { spec: { zz: 1, aa: 1 }, mm: 1, metadata: { zz: {} } };
    const { strictErrors } = decoder.decodePatched(value, deployment, 'strategic');
    expect(strictErrors).toEqual(['metadata.zz', 'mm', 'spec.aa', 'spec.zz'].map((path) => `unknown field "${path}"`));
    expect(decoder.decodePatched(value, deployment, 'merge').strictErrors).toEqual(strictErrors);
  });
});

test('JSON schemas in the place of booleans and lists are read as Go reads them', () => {
  const component = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition';
  const type = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', component };
  const body = (schema: string) => `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${schema}}}]}}`;
  const { object, strictErrors } = decode(
    body('{"additionalProperties":{"TYPE":"object","zz":1},"items":[{"zz":1}],"zz":1,"enum":[null,1,{"a":[]}]}'),
    type,
  );
  expect(strictErrors).toEqual(['unknown field "spec.versions[0].schema.openAPIV3Schema.zz"']);
  expect(object).toMatchObject({
    spec: {
      versions: [
        {
          schema: {
            openAPIV3Schema: { additionalProperties: { type: 'object' }, items: [{}], enum: [null, 1, { a: [] }] },
          },
        },
      ],
    },
  });
  expect(problem(body('{"additionalProperties":"a"}'), type)).toBe('boolean or JSON schema expected');
  expect(problem(body('{"items":{"type":5}}'), type)).toBe(
    'json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.items.type of type string',
  );
});

test('schemas that nest without end are refused, whatever the form', () => {
  const component = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition';
  const type = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', component };
  const nested = (open: string, close: string, depth: number) =>
    `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${open.repeat(depth)}{}${close.repeat(depth)}}}]}}`;
  for (const [open, close] of [
    ['{"properties":{"a":', '}}'],
    ['{"not":', '}'],
    ['{"items":', '}'],
    ['{"allOf":[', ']}'],
    ['{"items":[', ']}'],
    ['{"not":null,"not":', '}'],
  ] as const) {
    expect(() => decode(nested(open, close, 200), type)).not.toThrow();
    expect(problem(nested(open, close, 4000), type), open).toMatch(/^exceeded max depth|^json: cannot unmarshal/);
  }
});

test('the given value stays as it was', () => {
  const value = { metadata: { name: 'a', x: 1 }, data: { a: '' }, immutable: false };
  const before = structuredClone(value);
  decoder.decode(value, configMap);
  expect(value).toEqual(before);
});

test('what was decoded decodes to itself', () => {
  const text = '{"spec":{"selector":{},"template":{"spec":{"containers":[{"name":"a","env":[{"name":"A"}]}]}}}}';
  const { object } = decode(text, deployment);
  expect(createDecoder(data).decode(object, deployment)).toEqual({ object, unknownFields: [], strictErrors: [] });
});

test('every component of the data can be decoded', () => {
  for (const { resources } of data.groupVersions)
    for (const { schema } of resources) expect(decoder.zero(schema), schema).toBeTypeOf('object');
});

function builtin(folder: string, group: string, kind: string, version = 'v1'): BuiltinType {
  return { group, version, kind, component: `io.k8s.api.${folder}.${version}.${kind}` };
}

function parse(text: string, contentType = 'application/json'): ReturnType<typeof parseBody> {
  return parseBody(Buffer.from(text), contentType);
}

function decode(text: string, type: BuiltinType): Decoded {
  const { value, notes } = parse(text);
  return decoder.decode(value, type, notes);
}

function failure(text: string, type: BuiltinType): DecodeError {
  return failureOf(() => decode(text, type));
}

function failureOf(run: () => Decoded): DecodeError {
  try {
    run();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('it was decoded');
}

function problem(text: string, type: BuiltinType): string {
  return failure(text, type).message;
}

function refusal(text: string, type: BuiltinType): string {
  return refusalOf(failure(text, type), type.kind, Buffer.from(text));
}
