/**
 * What Kubernetes 1.37 serves by itself, as data: schemas, discovery, columns of Tables, behaviour of its resources.
 * Recorded from a real API server; the entry does no I/O.
 */
export { goField } from './go-field.ts';
export type { GoField, Presence } from './go-field.ts';
export { kubeData } from './read-kube-data.ts';
export type {
  ColumnData,
  GroupVersionData,
  GroupVersionKindData,
  KubeData,
  OpenApiSchema,
  ResourceData,
  SubresourceData,
} from './kube-data.ts';
