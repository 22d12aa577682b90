import { readFile as readFileOfDisk } from 'node:fs/promises';
import { KubeError } from '../error.ts';
import type { ClusterConfig } from './config.ts';
import { proxyFromEnv } from './proxy.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The API server of the cluster that this process runs in, as the pod's service account. Its token is read again when the
 * kubelet may have renewed it.
 *
 * @throws {KubeError} `KUBECONFIG` outside a pod, or when the pod has no service account mounted.
 */
export async function inClusterConfig(
  options: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly readFile?: (path: string) => Promise<string>;
  } = {},
): Promise<ClusterConfig> {
  const env = options.env ?? process.env;
  const readFile = options.readFile ?? ((path: string) => readFileOfDisk(path, 'utf8'));
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new KubeError(
      'KUBECONFIG',
      'this process runs in no pod (KUBERNETES_SERVICE_HOST is not set); name a kubeconfig instead',
    );
  }
  const mounted = async (file: string): Promise<string> =>
    readFile(`${ACCOUNT}/${file}`).catch((error: unknown) => {
      throw new KubeError(
        'KUBECONFIG',
        `this pod has no service account at ${ACCOUNT}; set automountServiceAccountToken, or name a kubeconfig`,
        { cause: error },
      );
    });
  const [ca, namespace] = await Promise.all([mounted('ca.crt'), mounted('namespace'), mounted('token')]);
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const proxyUrl = proxyFromEnv(server, env);
  return {
    server,
    ca,
    insecureSkipTlsVerify: false,
    ...(proxyUrl !== undefined && { proxyUrl }),
    disableCompression: false,
    namespace: namespace.trim(),
    credentials: { token: { path: `${ACCOUNT}/token` } },
    warnings: [],
  };
}
