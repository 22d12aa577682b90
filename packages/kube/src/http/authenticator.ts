import { KubeError } from '../error.ts';
import { createProvider } from './auth-provider.ts';
import type { ClusterConfig, Credentials, ExecPlugin, Text } from './config.ts';
import { runExecPlugin } from './exec-plugin.ts';
import type { ExecCredential, ExecSurroundings } from './exec-plugin.ts';
import type { ClientCertificate } from './transport.ts';

/** What one request is sent with. */
export interface Authentication {
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

export interface Authenticator {
  readonly current: () => Promise<Authentication>;
  /** After a 401 to a request sent with `used`: forgets it, and tells whether `current` can now give another. */
  readonly renew: (used: Authentication) => Promise<boolean>;
}

export interface AuthenticatorPorts extends ExecSurroundings {
  readonly now: () => number;
  readonly readFile: (path: string) => Promise<string>;
}

/** A part of the authentication that may change with time. */
interface Part<T> {
  get(): Promise<T>;
  /** Gets anew what may be had anew; what was got since `used` was handed out counts as new. */
  renew(used: T): Promise<T>;
}

/** Tokens and certificates in files are read again when this old, as client-go does. */
const FILE_LASTS_MS = 60_000;
/** Credentials with an expiry are renewed this long before it, or in the last fifth of a shorter life. */
const EARLY_MS = 60_000;

/**
 * Combines the sources of a {@link Credentials} (its doc comment says which goes first). Every source is asked by one
 * caller at a time, the others wait for its answer.
 *
 * @throws {KubeError} `CREDENTIALS`, from both methods, when none can be obtained.
 */
export function createAuthenticator(config: ClusterConfig, ports: AuthenticatorPorts): Authenticator {
  const { credentials } = config;
  const exec =
    credentials.exec !== undefined && credentials.token === undefined ? execPart(credentials.exec, ports) : undefined;
  const bearer = bearerPart(config, ports);
  const certificate = certificatePart(credentials, ports);

  async function gather(
    fromExec: Promise<ExecCredential | undefined>,
    fromBearer: Promise<string | undefined>,
    fromCertificate: Promise<ClientCertificate | undefined>,
  ): Promise<Authentication> {
    const [plugin, header, own] = await Promise.all([fromExec, fromBearer, fromCertificate]);
    return {
      authorization: plugin?.token === undefined ? header : `Bearer ${plugin.token}`,
      certificate: plugin?.certificate ?? own,
    };
  }
  const nothing = Promise.resolve(undefined);
  const current = (): Promise<Authentication> =>
    gather(exec?.get() ?? nothing, bearer?.get() ?? nothing, certificate?.get() ?? nothing);

  return {
    current,
    async renew(used) {
      const isUsed = (credential: ExecCredential): boolean =>
        (credential.token === undefined || `Bearer ${credential.token}` === used.authorization) &&
        (credential.certificate === undefined || credential.certificate.cert === used.certificate?.cert);
      const renewed = await gather(
        exec === undefined ? nothing : exec.get().then((held) => (isUsed(held) ? exec.renew(held) : held)),
        bearer === undefined || used.authorization === undefined ? nothing : bearer.renew(used.authorization),
        certificate === undefined || used.certificate === undefined ? nothing : certificate.renew(used.certificate),
      );
      return renewed.authorization !== used.authorization || renewed.certificate?.cert !== used.certificate?.cert;
    },
  };
}

function bearerPart(config: ClusterConfig, ports: AuthenticatorPorts): Part<string> | undefined {
  const { token, exec, provider } = config.credentials;
  if (token !== undefined) {
    return textPart(token, ports, 'the bearer token', (text) => `Bearer ${text.trim()}`);
  }
  if (exec !== undefined || provider === undefined) return undefined;
  const create = once(() => createProvider(config, provider));
  const get = shared(async () => (await create())());
  return { get, renew: get };
}

function certificatePart(credentials: Credentials, ports: AuthenticatorPorts): Part<ClientCertificate> | undefined {
  const { certificate } = credentials;
  if (certificate === undefined) return undefined;
  const cert = textPart(certificate.cert, ports, 'the client certificate', (text) => text);
  const key = textPart(certificate.key, ports, "the client certificate's key", (text) => text);
  const pair = async (parts: [Promise<string>, Promise<string>]): Promise<ClientCertificate> => {
    const [certText, keyText] = await Promise.all(parts);
    return { cert: certText, key: keyText };
  };
  return {
    get: () => pair([cert.get(), key.get()]),
    renew: (used) => pair([cert.renew(used.cert), key.renew(used.key)]),
  };
}

function textPart(
  source: Text,
  ports: AuthenticatorPorts,
  what: string,
  shape: (text: string) => string,
): Part<string> {
  if ('text' in source) {
    const text = shape(source.text);
    return { get: () => Promise.resolve(text), renew: () => Promise.resolve(text) };
  }
  let held: { readonly text: string; readonly readAt: number } | undefined;
  const read = shared(async () => {
    const readAt = ports.now();
    const text = await ports.readFile(source.path).catch((error: unknown) => {
      // A file that is being replaced may be gone for a moment; what was read before still holds.
      if (held !== undefined) return undefined;
      throw new KubeError(
        'CREDENTIALS',
        `${what} cannot be read from ${source.path}; check that the file exists and may be read`,
        {
          retry: 'backoff',
          cause: error,
        },
      );
    });
    held = text === undefined && held !== undefined ? { text: held.text, readAt } : { text: shape(text ?? ''), readAt };
    return held.text;
  });
  return {
    get: () => (held !== undefined && ports.now() - held.readAt < FILE_LASTS_MS ? Promise.resolve(held.text) : read()),
    renew: (used) => (held !== undefined && held.text !== used ? Promise.resolve(held.text) : read()),
  };
}

function execPart(plugin: ExecPlugin, ports: AuthenticatorPorts): Part<ExecCredential> {
  let held: { readonly credential: ExecCredential; readonly obtainedAt: number } | undefined;
  const run = shared(async () => {
    const credential = await runExecPlugin(plugin, ports);
    held = { credential, obtainedAt: ports.now() };
    return credential;
  });
  return {
    async get() {
      if (held === undefined) return run();
      const { credential, obtainedAt } = held;
      const now = ports.now();
      const { expiresAt } = credential;
      if (expiresAt === undefined) return credential;
      if (now < expiresAt - Math.min(EARLY_MS, (expiresAt - obtainedAt) / 5)) return credential;
      // What still holds is good enough where the renewal fails.
      return run().catch((error: unknown) => {
        if (ports.now() < expiresAt) return credential;
        throw error;
      });
    },
    renew: (used) => (held !== undefined && held.credential !== used ? Promise.resolve(held.credential) : run()),
  };
}

/** Callers at the same time share one run. */
function shared<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run().finally(() => (running = undefined));
    return running;
  };
}

/** Runs until it has succeeded once, then keeps the answer. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    kept ??= run().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}
