import { equalJson } from '@homeostat/kube';
import type { Controller, ControllerWorld } from './controller.ts';
import { ownKey, splitKey } from './controller.ts';
import { create, read, resourceOf, update } from './writes.ts';
import type { StoreEvent } from '../store/store.ts';

const ACCOUNT = 'default';
const BUNDLE = 'kube-root-ca.crt';
const WRITER = 'kube-controller-manager';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Every namespace that is not on its way out has the ServiceAccount `default`. */
export function serviceAccounts({ registry }: ControllerWorld): Controller {
  return {
    name: 'service-accounts',
    watches: { namespaces: ownKey, serviceaccounts: (event) => namespaceOf(event, ACCOUNT) },
    async settle(namespace) {
      if (!isActive(registry, namespace)) return undefined;
      const resource = resourceOf(registry, '', 'ServiceAccount');
      if (read(registry, { resource, key: `${namespace}/${ACCOUNT}` }) === undefined) {
        await create(registry, WRITER, {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: ACCOUNT, namespace },
        });
      }
      return undefined;
    },
  };
}

/** Every namespace that is not on its way out has the ConfigMap `kube-root-ca.crt`, with the server's own CA in it. */
export function rootCertificates({ registry }: ControllerWorld, ca: string): Controller {
  const data = { 'ca.crt': ca };
  return {
    name: 'root-certificates',
    watches: { namespaces: ownKey, configmaps: (event) => namespaceOf(event, BUNDLE) },
    async settle(namespace) {
      if (!isActive(registry, namespace)) return undefined;
      const place = { resource: resourceOf(registry, '', 'ConfigMap'), key: `${namespace}/${BUNDLE}` };
      const there = read(registry, place);
      if (there === undefined) {
        await create(registry, WRITER, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: BUNDLE, namespace, annotations: { 'kubernetes.io/description': DESCRIPTION } },
          data,
        });
      } else if (!equalJson(there['data'] ?? {}, data)) {
        await update(registry, WRITER, place, (draft) => void (draft['data'] = data));
      }
      return undefined;
    },
  };
}

function namespaceOf({ stored }: StoreEvent, wanted: string): readonly string[] {
  const { namespace, name } = splitKey(stored.key);
  return name === wanted ? [namespace] : [];
}

function isActive(registry: ControllerWorld['registry'], name: string): boolean {
  const namespace = registry.store.get('namespaces', name)?.object;
  return namespace !== undefined && namespace.metadata.deletionTimestamp === undefined;
}
