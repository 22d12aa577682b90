import type { Limit } from '@homeostat/apply';
import { createLimit } from '@homeostat/apply';
import type { Source } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import type { ClusterConfig, HttpClient } from '@homeostat/kube/http';
import { createPorts } from '@homeostat/reconcile';
import type { Ports, Sync } from '@homeostat/reconcile';
import type { Io } from './io.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';

/** Options of every command that talks to a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly output: 'text' | 'json';
}

export interface Connection {
  readonly client: HttpClient;
  readonly config: ClusterConfig;
  readonly limit: Limit;
}

/** Says on standard error what the kubeconfig allows and should not. */
export async function connect({ kubeconfig, context }: ClusterOptions, { env, stderr }: Io): Promise<Connection> {
  const config = await loadKubeconfig({
    env,
    ...(kubeconfig !== undefined && { path: kubeconfig }),
    ...(context !== undefined && { context }),
  });
  for (const warning of config.warnings) stderr.write(`warning: ${warning}\n`);
  return { config, client: createClient(config, { env }), limit: createLimit() };
}

/** What a command works with on one set; at the end of the block everything is closed, and the progress line is gone. */
export function workOn(
  sync: Pick<Sync, 'namespace' | 'name'>,
  { client, limit }: Connection,
  source: Source,
  io: Io,
): { readonly ports: Ports; readonly progress: Progress } & AsyncDisposable {
  const ports = createPorts(sync, { client, limit, source });
  const progress = createProgress(io, ports.clock);
  return {
    ports,
    progress,
    async [Symbol.asyncDispose]() {
      progress.clear();
      await ports.live.close();
      await source.close();
    },
  };
}
