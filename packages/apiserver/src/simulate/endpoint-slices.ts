import { equalJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import { controllerRef, isControlledBy } from './owned.ts';
import { isDeleted, isOver, isReady, specOf, statusOf } from './pods.ts';

const WRITER = 'kube-controller-manager';
const SLICES = 'endpointslices.discovery.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const SLICE_SIZE = 100;

/** Keeps the EndpointSlices (IPv4) of Services that select Pods. */
export function endpointSlices({ registry }: ControllerWorld): Controller {
  const { store } = registry;
  const resource = resourceOf(registry, 'discovery.k8s.io', 'EndpointSlice');
  const servicesIn = (namespace: string): string[] => store.list('services', `${namespace}/`).map(({ key }) => key);
  return {
    name: 'endpoint-slices',
    watches: {
      services: ownKey,
      pods: ({ stored: { object } }) => servicesIn(object.metadata.namespace ?? ''),
      [SLICES]: ({ type, stored: { object } }) => {
        const { namespace = '', labels } = object.metadata;
        const service = labels?.[SERVICE_NAME];
        return type === 'ADDED' || service === undefined ? [] : [`${namespace}/${service}`];
      },
    },
    async settle(key) {
      const service = read(registry, { resource: resourceOf(registry, '', 'Service'), key });
      if (service === undefined || isDeleted(service)) return undefined;
      const { name, namespace = '', labels } = service.metadata;
      const spec = specOf(service);
      const selector = mapAt(spec, 'selector');
      if (selector === undefined || spec['type'] === 'ExternalName') return undefined;
      const pods = store
        .list('pods', `${namespace}/`)
        .map(({ object }) => object)
        .filter((pod) => selects(selector, pod) && !isOver(pod) && textAt(statusOf(pod), 'podIP') !== '');
      const slices = contentsFor(service, pods);
      const there = store
        .list(SLICES, `${namespace}/`)
        .filter(({ object }) => isControlledBy(object, service) && object.metadata.labels?.[MANAGED_BY] === CONTROLLER);
      const wanted = {
        ...labels,
        [SERVICE_NAME]: name,
        [MANAGED_BY]: CONTROLLER,
        ...(spec['clusterIP'] === 'None' && { [HEADLESS]: '' }),
      };
      for (const [index, contents] of slices.entries()) {
        const old = there[index];
        if (old === undefined) {
          await create(registry, WRITER, {
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: {
              generateName: `${name}-`,
              namespace,
              labels: wanted,
              ownerReferences: [controllerRef(service)],
            },
            addressType: 'IPv4',
            ...contents,
          });
        } else {
          await update(registry, WRITER, { resource, key: old.key }, (draft) => {
            Object.assign(draft, contents);
            if (!equalJson(draft.metadata['labels'] ?? {}, wanted)) draft.metadata['labels'] = wanted;
          });
        }
      }
      for (const { key: surplus } of there.slice(slices.length))
        await remove(registry, WRITER, { resource, key: surplus });
      return undefined;
    },
  };
}

function selects(selector: DraftMap, { metadata }: KubeObject): boolean {
  return Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value);
}

interface SliceContents {
  readonly endpoints: readonly DraftMap[];
  readonly ports: readonly DraftMap[];
}

/** Pods whose ports differ, because they have names, stand in slices of their own. Always one at least. */
function contentsFor(service: KubeObject, pods: readonly KubeObject[]): SliceContents[] {
  const groups = new Map<string, { readonly ports: readonly DraftMap[]; readonly endpoints: DraftMap[] }>();
  for (const pod of pods) {
    const ports = portsFor(service, pod);
    const id = JSON.stringify(ports);
    const group = groups.get(id) ?? { ports, endpoints: [] };
    groups.set(id, group);
    group.endpoints.push(endpointOf(service, pod));
  }
  const slices = [...groups.values()].flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / SLICE_SIZE) }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * SLICE_SIZE, (index + 1) * SLICE_SIZE),
    })),
  );
  return slices.length === 0 ? [{ ports: [], endpoints: [] }] : slices;
}

function endpointOf(service: KubeObject, pod: KubeObject): DraftMap {
  const serving = isReady(pod);
  const terminating = isDeleted(pod);
  const early = specOf(service)['publishNotReadyAddresses'] === true;
  const { name, namespace, uid } = pod.metadata;
  const { hostname, subdomain, nodeName } = specOf(pod);
  return {
    addresses: [textAt(statusOf(pod), 'podIP')],
    conditions: { ready: early || (serving && !terminating), serving: early || serving, terminating },
    ...(hostname !== undefined && subdomain === service.metadata.name && { hostname }),
    nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function portsFor(service: KubeObject, pod: KubeObject): DraftMap[] {
  return mapsAt(specOf(service), 'ports').flatMap((port) => {
    const { protocol, appProtocol, targetPort } = port;
    const number =
      typeof targetPort === 'string' ? containerPort(pod, targetPort, protocol) : (targetPort ?? port['port']);
    if (number === undefined) return [];
    return [{ name: textAt(port, 'name'), port: number, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

function containerPort(pod: KubeObject, name: string, protocol: unknown): unknown {
  for (const container of mapsAt(specOf(pod), 'containers')) {
    for (const port of mapsAt(container, 'ports')) {
      if (port['name'] === name && port['protocol'] === protocol) return port['containerPort'];
    }
  }
  return undefined;
}
