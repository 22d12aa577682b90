import type { Impersonation } from '../client.ts';

/** How to reach one API server, and as whom: what a kubeconfig's context or a pod's surroundings say. Plain data. */
export interface ClusterConfig {
  /** Origin, with a path prefix where a gateway serves many clusters: `https://10.0.0.1:6443`. Never with userinfo. */
  readonly server: string;
  /** PEM; the system's authorities when absent. */
  readonly ca?: string;
  /** Name to expect in the server's certificate instead of the host in `server`. */
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify: boolean;
  /** May hold userinfo: print it through `printableUrl` only. */
  readonly proxyUrl?: string;
  readonly disableCompression: boolean;
  /** The context's default namespace. */
  readonly namespace?: string;
  /** Names in the kubeconfig, for messages. */
  readonly context?: string;
  readonly user?: string;
  readonly credentials: Credentials;
  readonly impersonate?: Impersonation;
  /** What is allowed and yet worth a word, such as a certificate that nobody verifies. */
  readonly warnings: readonly string[];
}

/**
 * Where credentials come from. The bearer token is taken from `token`, else `exec`, else `provider`; a client certificate
 * goes with any of them, and one from `exec` goes before `certificate`. All absent: anonymous.
 */
export interface Credentials {
  readonly token?: Text;
  readonly certificate?: { readonly cert: Text; readonly key: Text };
  readonly exec?: ExecPlugin;
  readonly provider?: AuthProvider;
}

/** A text as it stands, or a file that is read again when it may have been renewed. */
export type Text = { readonly text: string } | { readonly path: string };

/** A program that prints an `ExecCredential`. Source: Kubernetes `client.authentication.k8s.io` v1 and v1beta1. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  readonly installHint?: string;
  /** `spec.cluster` of what it is told, when it asks for it (`provideClusterInfo`). */
  readonly cluster?: Readonly<Record<string, unknown>>;
}

/** A legacy `auth-provider` entry (OIDC and others), served by the optional peer `@kubernetes/client-node`. */
export interface AuthProvider {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A URL fit for messages: without userinfo. Of what is no URL only what follows an `@`. */
export function printableUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.host === '') return url.slice(url.lastIndexOf('@') + 1);
  parsed.username = '';
  parsed.password = '';
  return parsed.pathname === '/' && parsed.search === '' ? parsed.origin : parsed.href;
}
