import type { Limit } from '@homeostat/apply';
import { createLimit } from '@homeostat/apply';
import type { Source } from '@homeostat/git';
import type { Impersonation } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import type { ClusterConfig, HttpClient } from '@homeostat/kube/http';
import { countRequests, createPorts, loadHealthRules } from '@homeostat/reconcile';
import type { Metrics, Ports, Sync } from '@homeostat/reconcile';
import { UsageError } from './exit.ts';
import type { Io } from './io.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';

/** Options of every command that talks to a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly output: 'text' | 'json';
}

export interface Connection {
  readonly client: HttpClient;
  readonly config: ClusterConfig;
  readonly limit: Limit;
  readonly metrics?: Metrics;
}

/** Says on standard error what the kubeconfig allows and should not. */
export async function connect(options: ClusterOptions, { env, stderr }: Io, metrics?: Metrics): Promise<Connection> {
  const { kubeconfig, context } = options;
  const impersonate = impersonationOf(options);
  const config = await loadKubeconfig({
    env,
    ...(kubeconfig !== undefined && { path: kubeconfig }),
    ...(context !== undefined && { context }),
  });
  for (const warning of config.warnings) stderr.write(`warning: ${warning}\n`);
  return {
    config,
    client: createClient(config, {
      env,
      ...(impersonate !== undefined && { impersonate }),
      ...(metrics !== undefined && { onRequest: countRequests(metrics) }),
    }),
    limit: createLimit(),
    ...(metrics !== undefined && { metrics }),
  };
}

/** As kubectl understands the same flags: every request of the command is made as this user. @throws {UsageError} */
function impersonationOf({ as: user, asGroup: groups, asUid: uid }: ClusterOptions): Impersonation | undefined {
  if (user === undefined) {
    if (groups === undefined && uid === undefined) return undefined;
    throw new UsageError('--as-group and --as-uid need --as: they belong to a user');
  }
  return { user, ...(groups !== undefined && { groups }), ...(uid !== undefined && { uid }) };
}

/** What a command works with on one set; at the end of the block everything is closed, and the progress line is gone. @throws {ReconcileError} `SYNC_INVALID` */
export async function workOn(
  sync: Pick<Sync, 'namespace' | 'name' | 'impersonate'> & Partial<Pick<Sync, 'policy'>>,
  { client, limit, metrics }: Connection,
  source: Source,
  io: Io,
): Promise<{ readonly ports: Ports; readonly progress: Progress } & AsyncDisposable> {
  const healthRules = await loadHealthRules(sync.policy?.health ?? []);
  const ports = createPorts(sync, {
    client,
    limit,
    source,
    healthRules,
    ...(metrics !== undefined && { metrics }),
  });
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
