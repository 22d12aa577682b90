import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { createCommandLineRemote } from './command-line.ts';
import type { SshOptions } from './command-line.ts';
import type { Auth } from './credentials.ts';
import { createHttpRemote } from './http-remote.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { createLocalRepository } from './local-repository.ts';
import { selectorOf } from './refs.ts';
import type { RefOption } from './refs.ts';
import { createFetchedRepository } from './repository.ts';
import type { Repository } from './repository.ts';
import { createRepositorySource } from './repository-source.ts';
import type { Source } from './source.ts';
import { createObjectStore } from './store.ts';
import type { ObjectStore } from './store.ts';
import { createTransport } from './transport.ts';
import type { TlsOptions } from './transport.ts';
import { parseAddress } from './url.ts';
import type { Address } from './url.ts';

export interface GitSourceOptions {
  /** `https://…`, `http://…`, `ssh://…`, `user@host:path`, `file://…`, or the path of a repository. */
  readonly url: string;
  /** Default: the default branch. */
  readonly ref?: RefOption;
  /**
   * For HTTP. Default: what stands in the address, if anything. A provider that waits for a challenge gives way to a
   * password in the address, and is told a user name that stands there alone.
   */
  readonly auth?: Auth;
  /** Default: a store of its own, in memory. */
  readonly store?: ObjectStore;
  readonly limits?: Partial<Limits>;
  /** Lets credentials go over plain http to another machine. Default false. */
  readonly allowInsecureCredentials?: boolean;
  readonly tls?: TlsOptions;
  /** `http://…`, `https://…` or `socks5://…`. Default: none. */
  readonly proxy?: string;
  readonly ssh?: SshOptions;
  /** Where git and ssh are found, and HOME. Used for SSH only. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** From 0 up to, but not, 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * A Git repository as a source.
 *
 * Over HTTP it speaks protocol version 2 itself: looking at an unchanged ref is one request, and a new commit is one more,
 * which brings only what is missing. Repositories of this machine and servers without version 2 are read through
 * isomorphic-git, SSH addresses through the git command line. Nothing is read or connected before the first call.
 *
 * @throws {GitError} `BAD_URL`, `BAD_REF` or `UNSUPPORTED` for options that can never work
 */
export function createGitSource(options: GitSourceOptions): Source {
  const address = parseAddress(options.url);
  const selector = selectorOf(options.ref);
  const limits = { ...defaultLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const asked = selector.kind === 'commit' ? selector.commit : selector.asked;
  return createRepositorySource({
    repository: openRepository(address, options, limits, clock),
    selector,
    location: address.printable,
    description: asked === 'HEAD' ? address.printable : `${address.printable}@${asked}`,
    limits,
    clock,
    random: options.random ?? Math.random,
    intervalMs: address.via === 'file' ? 2000 : 30_000,
  });
}

function openRepository(address: Address, options: GitSourceOptions, limits: Limits, clock: Clock): Repository {
  const store = options.store ?? createObjectStore();
  const ownsStore = options.store === undefined;
  switch (address.via) {
    case 'file':
      return createLocalRepository(address.path);
    case 'ssh': {
      const env = options.env ?? process.env;
      const remote = createCommandLineRemote({
        url: address.url,
        where: address.printable,
        ssh: options.ssh ?? {},
        env,
      });
      return createFetchedRepository({ remote, store, ownsStore, limits });
    }
    case 'http': {
      const transport = createTransport({
        url: address.url,
        auth: authFor(address, options.auth),
        username: address.userinfo?.username,
        limits,
        clock,
        allowInsecureCredentials: options.allowInsecureCredentials,
        tls: options.tls,
        proxy: options.proxy,
      });
      return createFetchedRepository({ remote: createHttpRemote(transport, limits), store, ownsStore, limits });
    }
    default:
      return address satisfies never;
  }
}

function authFor({ userinfo }: Extract<Address, { via: 'http' }>, auth: Auth | undefined): Auth | undefined {
  if (userinfo === undefined) return auth;
  const fromAddress: Auth = { scheme: 'basic', ...userinfo };
  if (auth === undefined) return fromAddress;
  const canWait = 'when' in auth && auth.when === 'challenged';
  return canWait && userinfo.password !== '' ? fromAddress : auth;
}
