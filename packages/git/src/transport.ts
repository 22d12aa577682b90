import type { Dispatcher } from 'undici';

import { cancelled } from './cancel.ts';
import type { Clock } from './clock.ts';
import { authorization } from './credentials.ts';
import type { Auth, CredentialProvider, CredentialRequest, Credentials } from './credentials.ts';
import { GitError, reasonOf, systemCode } from './error.ts';
import type { RetryHint } from './error.ts';
import type { Limits } from './limits.ts';
import { isLoopback, printableUrl } from './url.ts';

export interface TransportOptions {
  readonly url: URL;
  readonly auth?: Auth | undefined;
  /** The user that the address names. */
  readonly username?: string | undefined;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Lets credentials go over plain http to another machine. Default false. */
  readonly allowInsecureCredentials?: boolean | undefined;
  readonly tls?: TlsOptions | undefined;
  /** `http://…`, `https://…` or `socks5://…`. */
  readonly proxy?: string | undefined;
}

/** PEM texts. */
export interface TlsOptions {
  /** Certificates to trust instead of the ones that Node knows. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the repository: `/info/refs?service=git-upload-pack`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the body up unread. */
  discard(): Promise<void>;
}

/** HTTP requests to one repository: connections that last, credentials, redirects, errors with a next step. */
export interface Transport {
  /** Printable. */
  readonly where: string;
  /** @throws {GitError} unless the answer is a 200 */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

type Answer = Dispatcher.ResponseData;

class HttpTransport implements Transport {
  readonly where: string;
  readonly #options: TransportOptions;
  readonly #provider: CredentialProvider | undefined;
  /** Where the repository is after redirects. */
  #base: URL;
  #dispatcher: Promise<Dispatcher> | undefined;
  /** What the server accepted after a challenge. */
  #accepted: Credentials | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#base = options.url;
    this.where = printableUrl(options.url.href);
    const { auth } = options;
    this.#provider = auth !== undefined && 'scheme' in auth ? fixed(auth) : auth;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const credentials = await this.#credentials(request.signal);
    let answer = await this.#follow(request, credentials);
    if (answer.statusCode === 401) {
      await answer.body.dump();
      answer = await this.#challenged(request, credentials);
    }
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw this.#refusal(answer, credentials !== undefined || this.#accepted !== undefined);
    }
    return {
      contentType: String(answer.headers['content-type'] ?? ''),
      body: this.#body(answer, request.signal),
      discard: () => answer.body.dump(),
    };
  }

  async close(): Promise<void> {
    const dispatcher = await this.#dispatcher;
    await dispatcher?.destroy();
  }

  async #credentials(signal: AbortSignal): Promise<Credentials | undefined> {
    if (this.#accepted !== undefined) return this.#accepted;
    if (this.#provider?.when !== 'always') return undefined;
    return await this.#provider.credentials(this.#ask(signal));
  }

  #ask(signal: AbortSignal, rejected?: Credentials): CredentialRequest {
    const { username } = this.#options;
    return {
      url: this.where,
      signal,
      ...(username === undefined || username === '' ? {} : { username }),
      ...(rejected === undefined ? {} : { rejected }),
    };
  }

  /** The server wants other credentials than it got, or some at all. */
  async #challenged(request: HttpRequest, rejected: Credentials | undefined): Promise<Answer> {
    const provider = this.#provider;
    const ask = this.#ask(request.signal, rejected);
    this.#accepted = undefined;
    if (rejected !== undefined) await provider?.reject?.(rejected, ask);
    const credentials = await provider?.credentials(ask);
    if (credentials === undefined && rejected === undefined) {
      throw new GitError(
        'AUTH_REQUIRED',
        `${this.where} needs credentials; set HOMEOSTAT_GIT_TOKEN, give a token file, or store them with git credential`,
        {
          retry: 'backoff',
        },
      );
    }
    if (
      credentials === undefined ||
      (rejected !== undefined && authorization(credentials) === authorization(rejected))
    ) {
      throw this.#denied();
    }
    const answer = await this.#follow(request, credentials);
    if (answer.statusCode === 401) {
      await answer.body.dump();
      await provider?.reject?.(credentials, ask);
      throw this.#denied();
    }
    await provider?.approve?.(credentials, ask);
    if (provider?.when === 'challenged') this.#accepted = credentials;
    return answer;
  }

  async #follow(request: HttpRequest, credentials: Credentials | undefined): Promise<Answer> {
    let url = new URL(this.#base.href.replace(/\/$/, '') + request.path);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#send(url, request, credentials);
      const location = answer.headers['location'];
      if (request.method !== 'GET' || answer.statusCode < 300 || answer.statusCode >= 400 || location === undefined) {
        return answer;
      }
      await answer.body.dump();
      const next = new URL(String(location), url);
      this.#checkRedirect(url, next, redirects);
      // As git does: the repository is where its ref advertisement was found.
      if (next.href.endsWith(request.path)) this.#base = new URL(next.href.slice(0, -request.path.length));
      url = next;
    }
  }

  #checkRedirect(from: URL, to: URL, redirects: number): void {
    if (redirects >= this.#options.limits.redirects) {
      throw new GitError(
        'LIMIT_EXCEEDED',
        `${this.where} redirects more than limits.redirects (${this.#options.limits.redirects}) times; correct the address`,
      );
    }
    const isWeaker = from.protocol === 'https:' && to.protocol !== 'https:';
    if (to.hostname === from.hostname && !isWeaker && /^https?:$/.test(to.protocol)) return;
    const target = printableUrl(to.href).replace(/\/info\/refs$/, '');
    throw new GitError(
      'REDIRECTED',
      `${this.where} redirects to ${target}, which is ${isWeaker ? 'not encrypted' : 'another host'}; give that address if you trust it`,
    );
  }

  async #send(url: URL, request: HttpRequest, credentials: Credentials | undefined): Promise<Answer> {
    if (credentials !== undefined) this.#checkSecure(url);
    const dispatcher = await this.#connect();
    const attempt = (): Promise<Answer> =>
      dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: {
          'user-agent': 'git/homeostat',
          ...request.headers,
          ...(credentials === undefined ? {} : { authorization: authorization(credentials) }),
        },
        body: request.body ?? null,
        signal: request.signal,
      });
    try {
      // A connection that the server closed just now, between two polls, says nothing about the server.
      return await attempt().catch((error: unknown) => {
        if (!request.signal.aborted && isCut(error)) return attempt();
        throw error;
      });
    } catch (error) {
      throw this.#failure(error, request.signal);
    }
  }

  #checkSecure(url: URL): void {
    if (url.protocol === 'https:' || isLoopback(url.hostname) || this.#options.allowInsecureCredentials === true)
      return;
    throw new GitError(
      'INSECURE_CREDENTIALS',
      `${this.where} is not encrypted, so credentials are not sent there; use https://, or allow it explicitly`,
    );
  }

  #connect(): Promise<Dispatcher> {
    this.#dispatcher ??= createDispatcher(this.#options);
    return this.#dispatcher;
  }

  async *#body(answer: Answer, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* answer.body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  #failure(error: unknown, signal: AbortSignal): GitError {
    if (error instanceof GitError) return error;
    if (signal.aborted) return cancelled(signal);
    const code = systemCode(error);
    const reason = [code, reasonOf(error)].filter((part) => part !== '').join(': ');
    const isTimeout = /TIMEOUT|ETIMEDOUT/.test(code);
    return new GitError(
      isTimeout ? 'TIMEOUT' : 'UNREACHABLE',
      `${this.where} cannot be reached (${reason}); check address, network, proxy and certificates`,
      {
        retry: 'backoff',
        cause: error,
      },
    );
  }

  #refusal({ statusCode, headers }: Answer, hadCredentials: boolean): GitError {
    if (statusCode === 404 || statusCode === 410) {
      const hint = hadCredentials ? 'the credentials do not reach it' : 'it needs credentials';
      return new GitError(
        'REPOSITORY_NOT_FOUND',
        `no repository at ${this.where} (HTTP ${statusCode}); check the address, or ${hint}`,
        { retry: 'backoff' },
      );
    }
    if (statusCode === 403) return this.#denied();
    if (statusCode === 429 || statusCode >= 500 || statusCode === 408) {
      const retry = retryAfter(headers['retry-after'], this.#options.clock.now());
      return new GitError('UNAVAILABLE', `${this.where} answers HTTP ${statusCode}; it is tried again`, { retry });
    }
    return new GitError(
      'PROTOCOL',
      `${this.where} answers HTTP ${statusCode} where Git servers do not; check the address`,
      { retry: 'backoff' },
    );
  }

  #denied(): GitError {
    return new GitError(
      'ACCESS_DENIED',
      `${this.where} refuses access; check that the credentials are valid and may read this repository`,
      { retry: 'backoff' },
    );
  }
}

/** Undici is loaded with the first request: whoever imports this package for its types does not pay for it. */
async function createDispatcher({ tls, proxy }: TransportOptions): Promise<Dispatcher> {
  const { Agent, ProxyAgent, Socks5ProxyAgent } = await import('undici');
  const connections = 8;
  const connect = { ...tls };
  if (proxy === undefined) return new Agent({ connections, connect });
  if (/^socks/i.test(proxy)) return new Socks5ProxyAgent(proxy, { connections, requestTls: connect });
  return new ProxyAgent({ uri: proxy, connections, requestTls: connect });
}

function fixed(credentials: Credentials): CredentialProvider {
  return { when: 'always', credentials: () => Promise.resolve(credentials) };
}

function isCut(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED'].includes(systemCode(error));
}

function retryAfter(header: string | string[] | undefined, now: number): RetryHint {
  const text = String(header ?? '');
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return ms >= 0 ? { afterMs: ms } : 'backoff';
}
