import { readFile as readFileOfDisk } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { Impersonation } from '../client.ts';
import { KubeError } from '../error.ts';
import { isRecord } from '../record.ts';
import { printableUrl } from './config.ts';
import type { ClusterConfig, Credentials, ExecPlugin, Text } from './config.ts';
import { inClusterConfig } from './in-cluster.ts';
import { flagField, mergeKubeconfigs, parseKubeconfig, textField, textListField, wrong } from './kubeconfig.ts';
import type { Entry, Kubeconfig } from './kubeconfig.ts';
import { proxyFromEnv } from './proxy.ts';

export interface LoadOptions {
  /** This file alone, instead of `KUBECONFIG` and `~/.kube/config`. */
  readonly path?: string;
  /** Instead of the kubeconfig's current one. */
  readonly context?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly readFile?: (path: string) => Promise<string>;
}

/**
 * What kubectl would connect to: the files that `KUBECONFIG` lists (missing ones are passed over; the first that has an
 * entry wins), else `~/.kube/config`; where no file exists at all, the pod's service account. Relative paths in a file are
 * relative to that file. The proxy is the cluster's `proxy-url`, else what `HTTPS_PROXY` and `NO_PROXY` say.
 *
 * Token files and plugins are only named here: they are read and run by the client, when they are needed.
 *
 * @throws {KubeError} `KUBECONFIG` when there is none, it cannot be read, or names what is not there; `CREDENTIALS` for
 * user name and password, which Kubernetes does not accept since 1.19.
 */
export async function loadKubeconfig(options: LoadOptions = {}): Promise<ClusterConfig> {
  const env = options.env ?? process.env;
  const readFile = options.readFile ?? ((path: string) => readFileOfDisk(path, 'utf8'));
  const paths = options.path === undefined ? pathsOf(env) : [resolve(options.path)];
  const files: Kubeconfig[] = [];
  for (const path of paths) {
    const text = await readIfThere(path, readFile);
    if (text !== undefined) files.push(await parseKubeconfig(text, path));
  }
  if (files.length === 0) {
    if (options.path === undefined && options.context === undefined && env['KUBERNETES_SERVICE_HOST'])
      return inClusterConfig({ env, readFile });
    throw new KubeError(
      'KUBECONFIG',
      `there is no kubeconfig at ${paths.join(', ')}; name one with --kubeconfig or KUBECONFIG, or make one with your cluster's tools`,
    );
  }
  return clusterConfigOf(mergeKubeconfigs(files), options.context, paths.join(delimiter), { env, readFile });
}

function pathsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return [...new Set(listed.map((path) => resolve(path)))];
  return [join(env['HOME'] || homedir(), '.kube', 'config')];
}

async function readIfThere(path: string, readFile: (path: string) => Promise<string>): Promise<string | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ENOENT') return undefined;
    throw new KubeError('KUBECONFIG', `kubeconfig ${path} cannot be read; check that it is a file and may be read`, {
      cause: error,
    });
  }
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

async function clusterConfigOf(
  kubeconfig: Kubeconfig,
  wanted: string | undefined,
  where: string,
  { env, readFile }: Surroundings,
): Promise<ClusterConfig> {
  const contextName = wanted ?? kubeconfig.currentContext;
  if (contextName === undefined) {
    throw wrong(
      where,
      `no current context is set; it has ${namesOf(kubeconfig.contexts)}`,
      'choose one with --context or "kubectl config use-context"',
    );
  }
  const context = entryOf(kubeconfig.contexts, 'context', contextName, where);
  const cluster = entryOf(kubeconfig.clusters, 'cluster', textField(context, 'cluster') ?? '', where, contextName);
  const userName = textField(context, 'user');
  const user = userName === undefined ? undefined : entryOf(kubeconfig.users, 'user', userName, where, contextName);
  const namespace = textField(context, 'namespace');

  const ca = await caOf(cluster, readFile);
  const insecureSkipTlsVerify = flagField(cluster, 'insecure-skip-tls-verify');
  if (insecureSkipTlsVerify && ca !== undefined) {
    throw wrong(
      cluster.file,
      `cluster "${cluster.name}" has both a certificate-authority and insecure-skip-tls-verify`,
      'remove one',
    );
  }
  const credentials = user === undefined ? {} : credentialsOf(user, cluster, ca);
  const server = serverOf(cluster, ca !== undefined || insecureSkipTlsVerify || credentials.certificate !== undefined);
  const proxyUrl = textField(cluster, 'proxy-url') ?? proxyFromEnv(server, env);
  if (proxyUrl !== undefined && !URL.canParse(proxyUrl)) {
    throw wrong(cluster.file, `the proxy for cluster "${cluster.name}" is no URL`, 'correct proxy-url or HTTPS_PROXY');
  }
  const tlsServerName = textField(cluster, 'tls-server-name');
  const impersonate = user === undefined ? undefined : impersonationOf(user);

  return {
    server,
    ...(ca !== undefined && { ca }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    insecureSkipTlsVerify,
    ...(proxyUrl !== undefined && { proxyUrl }),
    disableCompression: flagField(cluster, 'disable-compression'),
    ...(namespace !== undefined && { namespace }),
    context: contextName,
    ...(user !== undefined && { user: user.name }),
    credentials,
    ...(impersonate !== undefined && { impersonate }),
    warnings: insecureSkipTlsVerify
      ? [
          `cluster "${cluster.name}": nobody verifies the certificate of ${server} (insecure-skip-tls-verify); set certificate-authority instead`,
        ]
      : [],
  };
}

function entryOf(
  entries: ReadonlyMap<string, Entry>,
  what: string,
  name: string,
  where: string,
  context?: string,
): Entry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  const by = context === undefined ? '' : `, which context "${context}" names`;
  throw wrong(where, `there is no ${what} "${name}"${by}; it has ${namesOf(entries)}`, 'correct the name');
}

function namesOf(entries: ReadonlyMap<string, Entry>): string {
  return entries.size === 0 ? 'none' : [...entries.keys()].join(', ');
}

/** The scheme may be left out, as kubectl allows: TLS when anything about it is configured. */
function serverOf(cluster: Entry, tls: boolean): string {
  const text = textField(cluster, 'server');
  if (text === undefined) throw wrong(cluster.file, `cluster "${cluster.name}" has no server`, 'set it');
  const server = text.includes('://') ? text : `${tls ? 'https' : 'http'}://${text}`;
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw wrong(cluster.file, `the server of cluster "${cluster.name}" is no http or https URL`, 'correct it');
  }
  return printableUrl(server).replace(/\/+$/, '');
}

async function caOf(cluster: Entry, readFile: (path: string) => Promise<string>): Promise<string | undefined> {
  const data = dataField(cluster, 'certificate-authority-data');
  if (data !== undefined) return data;
  const path = pathField(cluster, 'certificate-authority');
  if (path === undefined) return undefined;
  return readFile(path).catch((error: unknown) => {
    throw new KubeError(
      'KUBECONFIG',
      `the certificate-authority of cluster "${cluster.name}" cannot be read from ${path}; correct the path`,
      { cause: error },
    );
  });
}

function credentialsOf(user: Entry, cluster: Entry, ca: string | undefined): Credentials {
  if (textField(user, 'username') !== undefined || textField(user, 'password') !== undefined) {
    throw new KubeError(
      'CREDENTIALS',
      `kubeconfig ${user.file}: user "${user.name}" has a user name and password, which Kubernetes does not accept since 1.19; use a token, a client certificate or an exec plugin`,
    );
  }
  const tokenFile = pathField(user, 'tokenFile');
  const tokenText = textField(user, 'token');
  const token: Text | undefined =
    tokenFile !== undefined ? { path: tokenFile } : tokenText !== undefined ? { text: tokenText } : undefined;
  const cert = pemOf(user, 'client-certificate');
  const key = pemOf(user, 'client-key');
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong(
      user.file,
      `user "${user.name}" has a client certificate without its key, or the key alone`,
      'set both',
    );
  }
  const exec = execOf(user, cluster, ca);
  const provider = user.fields['auth-provider'];
  return {
    ...(token !== undefined && { token }),
    ...(cert !== undefined && key !== undefined && { certificate: { cert, key } }),
    ...(exec !== undefined && { exec }),
    ...(isRecord(provider) && {
      provider: {
        name: typeof provider['name'] === 'string' ? provider['name'] : '',
        config: isRecord(provider['config']) ? provider['config'] : {},
      },
    }),
  };
}

/** The data goes before the file, as in kubectl. */
function pemOf(user: Entry, key: string): Text | undefined {
  const text = dataField(user, `${key}-data`);
  if (text !== undefined) return { text };
  const path = pathField(user, key);
  return path === undefined ? undefined : { path };
}

function execOf(user: Entry, cluster: Entry, ca: string | undefined): ExecPlugin | undefined {
  const fields = user.fields['exec'];
  if (!isRecord(fields)) return undefined;
  const entry: Entry = { name: user.name, fields, file: user.file };
  const command = textField(entry, 'command');
  if (command === undefined) throw wrong(user.file, `exec of user "${user.name}" has no command`, 'set it');
  const mode = textField(entry, 'interactiveMode') ?? 'IfAvailable';
  if (mode !== 'Never' && mode !== 'IfAvailable' && mode !== 'Always') {
    throw wrong(user.file, `interactiveMode of user "${user.name}" is "${mode}"`, 'use Never, IfAvailable or Always');
  }
  const installHint = textField(entry, 'installHint');
  return {
    apiVersion: textField(entry, 'apiVersion') ?? '',
    command: command.includes(sep) ? besideFile(command, user.file) : command,
    args: textListField(entry, 'args'),
    env: envOf(entry),
    interactiveMode: mode,
    ...(installHint !== undefined && { installHint: installHint.trim() }),
    ...(flagField(entry, 'provideClusterInfo') && { cluster: clusterInfo(cluster, ca) }),
  };
}

function envOf(exec: Entry): Record<string, string> {
  const list = exec.fields['env'];
  const env: Record<string, string> = {};
  if (!Array.isArray(list)) return env;
  for (const item of list) {
    if (!isRecord(item) || typeof item['name'] !== 'string' || typeof item['value'] !== 'string') {
      throw wrong(
        exec.file,
        `exec.env of user "${exec.name}" holds an entry without name and value as texts`,
        'put values in quotes',
      );
    }
    env[item['name']] = item['value'];
  }
  return env;
}

/** `spec.cluster` of ExecCredential. Source: Kubernetes `client.authentication.k8s.io`, type Cluster. */
function clusterInfo(cluster: Entry, ca: string | undefined): Record<string, unknown> {
  const extensions = Array.isArray(cluster.fields['extensions']) ? cluster.fields['extensions'].filter(isRecord) : [];
  const config = extensions.find((extension) => extension['name'] === 'client.authentication.k8s.io/exec')?.[
    'extension'
  ];
  return {
    server: cluster.fields['server'],
    'tls-server-name': cluster.fields['tls-server-name'],
    'insecure-skip-tls-verify': cluster.fields['insecure-skip-tls-verify'],
    'certificate-authority-data': ca === undefined ? undefined : Buffer.from(ca, 'utf8').toString('base64'),
    'proxy-url': cluster.fields['proxy-url'],
    'disable-compression': cluster.fields['disable-compression'],
    config,
  };
}

function impersonationOf(user: Entry): Impersonation | undefined {
  const name = textField(user, 'as');
  const uid = textField(user, 'as-uid');
  const groups = textListField(user, 'as-groups');
  const extra = user.fields['as-user-extra'];
  if (name === undefined) {
    if (uid === undefined && groups.length === 0) return undefined;
    throw wrong(user.file, `user "${user.name}" impersonates groups or a uid without a user`, 'set "as" too');
  }
  return {
    user: name,
    ...(groups.length > 0 && { groups }),
    ...(uid !== undefined && { uid }),
    ...(isRecord(extra) && {
      extra: Object.fromEntries(
        Object.keys(extra).map((key) => [key, textListField({ name: user.name, fields: extra, file: user.file }, key)]),
      ),
    }),
  };
}

function dataField(entry: Entry, key: string): string | undefined {
  const text = textField(entry, key);
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');
}

function pathField(entry: Entry, key: string): string | undefined {
  const path = textField(entry, key);
  return path === undefined ? undefined : besideFile(path, entry.file);
}

function besideFile(path: string, file: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
