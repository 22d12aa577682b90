import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { inject, test as base } from 'vitest';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import type { ClientOptions, HttpClient } from '@homeostat/kube/http';
import type { ControlPlane } from './control-plane/start.ts';
import { forgetHistory } from './forget.ts';
import type { ForgetHistory } from './forget.ts';
import { excludedTest } from './memory-plane/excluded.ts';
import { skipReasons } from './skips.ts';

/** What a finished command left behind. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the control plane's own kubectl as admin; never rejects for an exit code. A minute at most. */
export type Kubectl = (args: readonly string[], options?: { readonly stdin?: string }) => Promise<CommandResult>;

export interface RawAnswer {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** One request past every code of ours: what the server itself says, as admin unless `token` says otherwise. */
export type Raw = (
  method: string,
  path: string,
  options?: { readonly body?: unknown; readonly contentType?: string; readonly token?: string },
) => Promise<RawAnswer>;

async function kubectlWith(
  plane: ControlPlane,
  args: readonly string[],
  options: { readonly stdin?: string } = {},
): Promise<CommandResult> {
  const child = spawn(plane.kubectl, ['--kubeconfig', plane.kubeconfig, ...args], { timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(options.stdin ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  return { code, stdout, stderr };
}

function rawWith(plane: ControlPlane, ...[method, path, options = {}]: Parameters<Raw>): Promise<RawAnswer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers = {
    authorization: `Bearer ${options.token ?? plane.adminToken}`,
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': options.contentType ?? 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    // The control plane's certificate is its own and lives as long as the run.
    const sent = request(new URL(path, plane.server), { method, headers, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const json = answer.headers['content-type']?.startsWith('application/json') ?? false;
        resolve({ status: answer.statusCode ?? 0, body: json ? (JSON.parse(text) as unknown) : text });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** What `createClient` of `@homeostat/kube/http` takes, and as whom to connect. */
export interface ConnectOptions extends ClientOptions {
  /** Context of the kubeconfig. Default `admin`. */
  readonly user?: 'admin' | 'someone';
}

const clusterTest = base
  .extend('plane', { auto: true }, async ({ skip, task }): Promise<ControlPlane> => {
    const plane = inject('controlPlane');
    if ('missing' in plane) return skip(plane.missing);
    const reason = plane.forget === undefined ? undefined : excludedTest(task.name);
    return reason === undefined ? plane : skip(skipReasons[reason].text);
  })
  /** Path of a kubeconfig with the contexts `admin` (current) and `someone`. */
  .extend('kubeconfig', ({ plane }): string => plane.kubeconfig)
  .extend('kubectl', ({ plane, skip }): Kubectl =>
    plane.kubectl === '' ? skip(skipReasons.noKubectl.text) : (args, options) => kubectlWith(plane, args, options),
  )
  .extend(
    'raw',
    ({ plane }): Raw =>
      (...call) =>
        rawWith(plane, ...call),
  )
  .extend(
    'forgetHistory',
    ({ plane }): ForgetHistory =>
      (resourceVersion) =>
        forgetHistory(plane, resourceVersion),
  )
  /** A namespace of this test alone, there before it starts and deleted (without waiting) after it. */
  .extend('namespace', async ({ raw }, { onCleanup }): Promise<string> => {
    const name = `t-${randomBytes(5).toString('hex')}`;
    const created = await raw('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    if (created.status !== 201) throw new Error(`namespace ${name}: ${JSON.stringify(created.body)}`);
    onCleanup(async () => void (await raw('DELETE', `/api/v1/namespaces/${name}`)));
    return name;
  })
  /** Makes further clients, as somebody else or with requests counted; they are closed after the test. */
  .extend('connect', ({ plane }, { onCleanup }): ((options?: ConnectOptions) => Promise<HttpClient>) => {
    const clients: HttpClient[] = [];
    onCleanup(async () => void (await Promise.all(clients.map((client) => client.close()))));
    return async ({ user = 'admin', ...options } = {}) => {
      const client = createClient(await loadKubeconfig({ path: plane.kubeconfig, context: user }), options);
      clients.push(client);
      return client;
    };
  })
  /** As admin. */
  .extend('client', ({ connect }): Promise<HttpClient> => connect());

const withControllers = clusterTest.extend('controllers', { auto: true }, ({ plane, skip }): true => {
  if (plane.mode === 'bare') skip(skipReasons.noControllers.text);
  if (plane.mode === 'owners') skip(skipReasons.noWorkloads.text);
  return true;
});

/**
 * Tests on a real Kubernetes control plane: see the README beside this file.
 *
 * `cluster.test` is Vitest's `test` with fixtures; `cluster.needs('controllers')` is the same, skipped where the control
 * plane is bare.
 */
export const cluster = {
  test: clusterTest,
  needs: (_what: 'controllers'): typeof withControllers => withControllers,
};
