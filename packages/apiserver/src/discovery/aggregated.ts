import { apiDocument } from './api-document.ts';
import type { ApiDocument } from './api-document.ts';
import type { DiscoveredResource, ServedGroup } from './served-groups.ts';

/** The Content-Type of an aggregated document, and the only form of it that Kubernetes 1.37 still has. */
export const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Aggregated discovery: everything about the core group (`/api`), or about all others (`/apis`), in one document. */
export function aggregatedDiscovery(groups: readonly ServedGroup[], root: '/api' | '/apis'): ApiDocument {
  const wanted = groups.filter(({ name }) => (name === '') === (root === '/api'));
  return apiDocument({
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: wanted.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map(resourceDiscovery),
        freshness: 'Current',
      })),
    })),
  });
}

function resourceDiscovery(resource: DiscoveredResource): unknown {
  const { plural, singular, namespaced, responseKind, verbs, shortNames, categories, subresources } = resource;
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((sub) => ({
        subresource: sub.name,
        responseKind: sub.responseKind,
        verbs: sub.verbs,
      })),
    }),
  };
}
