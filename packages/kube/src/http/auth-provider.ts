import { KubeError } from '../error.ts';
import type { AuthProvider, ClusterConfig } from './config.ts';

/**
 * The `Authorization` header from a legacy `auth-provider` (OIDC with its refresh token, and those of cloud vendors),
 * through `@kubernetes/client-node`, which is loaded here and only when such an entry is used. A renewed token stays in
 * memory: it is not written back to the kubeconfig.
 *
 * @throws {KubeError} `CREDENTIALS` when client-node is not installed, or it cannot get a token.
 */
export async function createProvider(config: ClusterConfig, provider: AuthProvider): Promise<() => Promise<string>> {
  const { KubeConfig } = await import('@kubernetes/client-node').catch((error: unknown) => {
    throw new KubeError(
      'CREDENTIALS',
      `auth-provider "${provider.name}"${who(config)} needs the package @kubernetes/client-node, which is not installed; ` +
        'install it beside @homeostat/kube, or use an exec plugin (such as kubelogin)',
      { cause: error },
    );
  });
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromOptions({
    // The address is never used: only the header is taken from it.
    clusters: [{ name: 'cluster', server: 'https://localhost', skipTLSVerify: false }],
    // A copy, since client-node writes renewed tokens into it.
    users: [{ name: 'user', authProvider: { name: provider.name, config: structuredClone(provider.config) } }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  return async () => {
    const options: { headers?: Record<string, unknown> } = {};
    try {
      await kubeconfig.applyToHTTPSOptions(options as Parameters<typeof kubeconfig.applyToHTTPSOptions>[0]);
    } catch (error) {
      throw new KubeError(
        'CREDENTIALS',
        `auth-provider "${provider.name}"${who(config)} could not get a token; log in again`,
        {
          retry: 'backoff',
          cause: error,
        },
      );
    }
    const header = options.headers?.['Authorization'];
    if (typeof header !== 'string' || header === '') {
      throw new KubeError('CREDENTIALS', `auth-provider "${provider.name}"${who(config)} has no token; log in again`);
    }
    return header;
  };
}

function who(config: ClusterConfig): string {
  return config.user === undefined ? '' : ` of user "${config.user}"`;
}
