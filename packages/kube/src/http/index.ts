/**
 * The real {@link Client}: HTTP to an API server, with long-lived connections and plain JSON, and what finds the server:
 * kubeconfig files, credential plugins, the pod's own service account.
 *
 * @packageDocumentation
 */
export { createClient } from './client.ts';
export type { ClientOptions, HttpClient } from './client.ts';
export type { Impersonation } from '../client.ts';
export type {
  Answer,
  AnswerBody,
  AnswerHeaders,
  ClientCertificate,
  Protocol,
  Transport,
  TransportRequest,
} from './transport.ts';
export { loadKubeconfig } from './load-kubeconfig.ts';
export type { LoadOptions } from './load-kubeconfig.ts';
export { inClusterConfig } from './in-cluster.ts';
export { printableUrl } from './config.ts';
export type { AuthProvider, ClusterConfig, Credentials, ExecPlugin, Text } from './config.ts';
