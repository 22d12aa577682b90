export interface KubeconfigUser {
  readonly name: string;
  readonly token: string;
}

/** The text of a kubeconfig (JSON, which is YAML): one context per user, the first one current. */
export function kubeconfigText(url: string, ca: string, users: readonly KubeconfigUser[]): string {
  const cluster = 'homeostat';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: users.map(({ name, token }) => ({ name, user: { token } })),
    contexts: users.map(({ name }) => ({ name, context: { cluster, user: name } })),
    'current-context': users[0]?.name ?? '',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
