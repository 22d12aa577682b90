import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KubeObject } from '@homeostat/kube';
import { toYaml } from '@homeostat/render';

/** Files of a repository, by path; each holds one or more objects. */
export type Manifests = ReadonlyMap<string, readonly KubeObject[]>;

export interface Workload {
  readonly title: string;
  readonly objects: number;
  /** Namespaces that have to be there, all of them beginning with the prefix. */
  namespaces(prefix: string): readonly string[];
  manifests(prefix: string): Manifests;
}

export const configMaps: Workload = {
  title: '1,000 ConfigMaps',
  objects: 1000,
  namespaces: (prefix) => [prefix],
  manifests: (prefix) =>
    new Map(numbers(1000).map((n) => [`config-${n}.yaml`, [configMap(prefix, `config-${n}`, String(n))]])),
};

/** As teams have them: some kinds, some namespaces, a file per app. The Deployments ask for no pods. */
export const apps: Workload = {
  title: '200 apps × 5 kinds in 10 namespaces',
  objects: 1000,
  namespaces: (prefix) => numbers(10).map((n) => `${prefix}-${n}`),
  manifests: (prefix) =>
    new Map(numbers(200).map((n) => [`team-${n % 10}/app-${n}.yaml`, app(`${prefix}-${n % 10}`, `app-${n}`)])),
};

/** The same, with one object changed. */
export function withChange(manifests: Manifests): Manifests {
  return new Map(
    [...manifests].map(([path, objects], at) => [path, at === 7 ? objects.map((object) => labelled(object)) : objects]),
  );
}

/** The same without its last object. */
export function withoutOne(manifests: Manifests): Manifests {
  const files = [...manifests];
  return new Map(
    files
      .map(([path, objects], at): [string, readonly KubeObject[]] => [
        path,
        at === files.length - 1 ? objects.slice(0, -1) : objects,
      ])
      .filter(([, objects]) => objects.length > 0),
  );
}

export async function writeManifests(folder: string, manifests: Manifests): Promise<void> {
  for (const [path, objects] of manifests) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), objects.map((object) => toYaml(object)).join('---\n'));
  }
}

function labelled(object: KubeObject): KubeObject {
  if (object.kind !== 'ConfigMap') return object;
  const labels = { ...object.metadata.labels, 'example.com/changed': 'yes' };
  return { ...object, metadata: { ...object.metadata, labels } };
}

function configMap(namespace: string, name: string, content: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { app: name } },
    data: { 'app.properties': `id=${content}\nlevel=info\nretries=3\n`, mode: 'production' },
  };
}

function app(namespace: string, name: string): readonly KubeObject[] {
  const metadata = { name, namespace, labels: { app: name, 'app.kubernetes.io/part-of': 'bench' } };
  const container = {
    name: 'web',
    image: `example.com/${name}:1.0.0`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [{ name: 'MODE', valueFrom: { configMapKeyRef: { name, key: 'mode' } } }],
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    configMap(namespace, name, name),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { serviceAccountName: name, containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: {
        rules: [
          {
            host: `${name}.example.com`,
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } }],
            },
          },
        ],
      },
    },
  ];
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
