import { expect, test } from 'vitest';
import { parseYaml, toYaml } from '@homeostat/render';
import { randomFrom, seedOf } from './support.ts';
import { jsonValue } from './yaml-cases.ts';

test('apiVersion, kind and metadata come first, the others as they stand', () => {
  const object = {
    spec: { replicas: 3, template: [{ name: 'web', on: true }] },
    metadata: { name: 'web', labels: { 'app.kubernetes.io/version': '1.0' } },
    data: { script: '#!/bin/sh\necho hi\n' },
    kind: 'Deployment',
    apiVersion: 'apps/v1',
  };
  expect(toYaml(object)).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/version: '1.0'
spec:
  replicas: 3
  template:
    - name: web
      'on': true
data:
  script: |
    #!/bin/sh
    echo hi
`);
});

test('text that Kubernetes would take for something else is quoted, and integers stay exact', () => {
  const value = {
    a: 'yes',
    b: '0o17',
    c: '08',
    d: '1e3',
    e: '2020-01-01',
    f: '0b-1',
    g: '~',
    h: '1_000',
    i: 9007199254740993n,
    y: '',
  };
  expect(toYaml(value)).toBe(`a: 'yes'
b: '0o17'
c: '08'
d: '1e3'
e: '2020-01-01'
f: '0b-1'
g: '~'
h: '1_000'
i: 9007199254740993
'y': ''
`);
});

test('whatever is written is read back as the same value', () => {
  const random = randomFrom(seedOf('toYaml round trip'));
  for (let round = 0; round < 5000; round++) {
    const value = { v: jsonValue(random) };
    const text = toYaml(value);
    const { documents, findings } = parseYaml(text);
    expect({ text, findings, value: documents[0]?.value }).toEqual({ text, findings: [], value });
  }
});
