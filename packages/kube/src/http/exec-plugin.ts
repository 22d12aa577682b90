import { spawn } from 'node:child_process';
import { KubeError } from '../error.ts';
import { isRecord } from '../record.ts';
import type { ExecPlugin } from './config.ts';

/** What an exec plugin hands out. */
export interface ExecCredential {
  readonly token?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

/** How a plugin is run. */
export interface ExecSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person sits at a terminal that the plugin may ask. */
  readonly interactive: boolean;
}

/** A person may have to log in meanwhile. */
const EXEC_LIMIT_MS = 300_000;
const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/**
 * Runs a credential plugin once. Its stdout is read and never shown; its stderr goes to the terminal when a person may be
 * asked, and otherwise into the error's message if it fails (last line).
 *
 * @throws {KubeError} `CREDENTIALS` when it is not installed, fails, takes over five minutes, or prints no ExecCredential.
 */
export async function runExecPlugin(plugin: ExecPlugin, surroundings: ExecSurroundings): Promise<ExecCredential> {
  const interactive = plugin.interactiveMode !== 'Never' && surroundings.interactive;
  if (plugin.interactiveMode === 'Always' && !interactive) {
    throw refuse(
      plugin,
      'wants to ask a person, and there is no terminal',
      'run it where there is one, or use credentials that need none',
      'never',
    );
  }
  if (!API_VERSIONS.includes(plugin.apiVersion)) {
    throw refuse(
      plugin,
      `is declared for ${plugin.apiVersion}, which is not spoken any more`,
      `use ${API_VERSIONS[0]} in the kubeconfig (a newer version of the plugin may be needed)`,
      'never',
    );
  }
  const stdout = await run(plugin, interactive, {
    ...surroundings.env,
    ...plugin.env,
    KUBERNETES_EXEC_INFO: JSON.stringify({
      kind: 'ExecCredential',
      apiVersion: plugin.apiVersion,
      spec: { ...(plugin.cluster !== undefined && { cluster: plugin.cluster }), interactive },
    }),
  });
  return readCredential(plugin, stdout);
}

function run(plugin: ExecPlugin, interactive: boolean, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
      timeout: EXEC_LIMIT_MS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
    child.once('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT';
      reject(
        missing
          ? refuse(
              plugin,
              'is not installed',
              plugin.installHint ?? 'install it, or correct the command in the kubeconfig',
              'never',
            )
          : refuse(plugin, `could not be started (${error.message})`, 'check that the file is executable', 'never'),
      );
    });
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const last = stderr.trimEnd().split('\n').at(-1);
      const how = code === null ? `was ended by ${signal}` : `failed with exit code ${code}`;
      reject(
        refuse(
          plugin,
          `${how}${last ? ` ("${last.slice(-300)}")` : ''}`,
          'run it by hand to see why; you may have to log in',
          'backoff',
        ),
      );
    });
  }).catch((error: unknown) => {
    // Arguments that no program can be started with, such as a null byte.
    throw error instanceof KubeError
      ? error
      : refuse(plugin, 'could not be started', 'correct its command, args and env in the kubeconfig', 'never');
  });
}

function readCredential(plugin: ExecPlugin, stdout: string): ExecCredential {
  const body = tryParse(stdout);
  const wrong = (what: string): KubeError =>
    refuse(plugin, what, 'update the plugin, or correct apiVersion in the kubeconfig', 'never');
  if (!isRecord(body) || body['kind'] !== 'ExecCredential') throw wrong('printed no ExecCredential');
  if (body['apiVersion'] !== plugin.apiVersion) throw wrong(`answered in another version than ${plugin.apiVersion}`);
  const status = isRecord(body['status']) ? body['status'] : {};
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  const hasToken = typeof token === 'string' && token !== '';
  const hasCertificate = typeof cert === 'string' && cert !== '' && typeof key === 'string' && key !== '';
  if (!hasToken && !hasCertificate) throw wrong('handed out neither a token nor a client certificate with its key');
  const expiresAt = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    ...(hasToken && { token }),
    ...(hasCertificate && { certificate: { cert, key } }),
    ...(!Number.isNaN(expiresAt) && { expiresAt }),
  };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refuse(plugin: ExecPlugin, what: string, next: string, retry: 'never' | 'backoff'): KubeError {
  return new KubeError('CREDENTIALS', `credential plugin "${plugin.command}" ${what}; ${next}`, { retry });
}
