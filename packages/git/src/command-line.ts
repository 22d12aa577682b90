import { mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';

import { GitError } from './error.ts';
import { Mutex } from './mutex.ts';
import type { RemoteRef } from './refs.ts';
import type { Remote } from './remote.ts';
import { GitCommandError, runGit, streamGit } from './run-git.ts';
import type { RunGitOptions } from './run-git.ts';
import { printableText } from './text.ts';

export interface SshOptions {
  /** The private key. Default: what ssh finds itself (agent, `~/.ssh`). */
  readonly identityFile?: string;
  /** The hosts to believe. Default: `~/.ssh/known_hosts`. A host that is not in it is refused. */
  readonly knownHostsFile?: string;
  /** Instead of ssh with the options above, as `GIT_SSH_COMMAND` takes it. */
  readonly command?: string;
}

export interface CommandLineOptions {
  readonly url: string;
  /** Printable. */
  readonly where: string;
  readonly ssh: SshOptions;
  /** The environment to take PATH, HOME and the SSH agent from. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A repository that is reached over SSH, through the git command line. It runs with no configuration of the user or the
 * machine, no hooks, no prompt; only what ssh itself reads (keys, agent, known hosts, its configuration) is the user's. A scratch repository in the temporary
 * directory takes what was fetched, until `close`.
 */
export function createCommandLineRemote({ url, where, ssh, env }: CommandLineOptions): Remote {
  const isolated = isolatedEnvironment(env, ssh);
  const scratchUse = new Mutex();
  let scratch: Promise<string> | undefined;

  const run = async (args: readonly string[], options: Pick<RunGitOptions, 'signal' | 'input'>): Promise<string> => {
    const { stdout } = await runGit(withConfig(args), { env: isolated, ...options });
    return stdout.toString('utf8');
  };
  const openScratch = (signal: AbortSignal): Promise<string> => {
    scratch ??= (async () => {
      const directory = await mkdtemp(join(tmpdir(), 'homeostat-ssh-'));
      await run(['init', '--quiet', '--bare', directory], { signal });
      return directory;
    })().catch((error: unknown) => {
      scratch = undefined;
      throw error;
    });
    return scratch;
  };

  return {
    where,
    async refs(prefixes, signal) {
      const patterns = prefixes.map((prefix) => (prefix.endsWith('/') ? `${prefix}*` : prefix));
      const peeled = patterns.flatMap((pattern) => [pattern, `${pattern}^{}`]);
      const listing = await run(['ls-remote', '--quiet', '--symref', '--', url, ...peeled], { signal }).catch(
        (error: unknown) => {
          throw explain(error, where);
        },
      );
      return parseListing(listing);
    },
    async *pack({ commit, haves }, signal) {
      const directory = await openScratch(signal);
      await scratchUse.run(() =>
        run(
          ['-C', directory, 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--depth=1', '--', url, commit],
          {
            signal,
          },
        ).catch((error: unknown) => {
          throw explain(error, where, commit);
        }),
      );
      // What the scratch repository does not know after a restart cannot be left out.
      const known: string[] = [];
      for (const have of haves) {
        const isKnown = await run(['-C', directory, 'cat-file', '-e', `${have}^{commit}`], { signal }).then(
          () => true,
          (error: unknown) => {
            if (error instanceof GitCommandError) return false;
            throw error;
          },
        );
        if (isKnown) known.push(have);
      }
      yield* streamGit(
        withConfig([
          '-C',
          directory,
          'pack-objects',
          '--quiet',
          '--revs',
          '--thin',
          '--stdout',
          '--delta-base-offset',
          '--shallow',
        ]),
        {
          env: isolated,
          input: `${commit}\n${known.map((have) => `^${have}\n`).join('')}`,
          signal,
        },
      );
    },
    async close() {
      const directory = await scratch?.catch(() => undefined);
      scratch = undefined;
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

function withConfig(args: readonly string[]): string[] {
  return [
    '-c',
    `core.hooksPath=${devNull}`,
    '-c',
    'protocol.allow=never',
    '-c',
    'protocol.ssh.allow=always',
    '-c',
    'gc.auto=0',
    ...args,
  ];
}

function isolatedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  ssh: SshOptions,
): Readonly<Record<string, string | undefined>> {
  return {
    PATH: env['PATH'],
    HOME: env['HOME'],
    SSH_AUTH_SOCK: env['SSH_AUTH_SOCK'],
    SYSTEMROOT: env['SYSTEMROOT'],
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_SSH_VARIANT: 'ssh',
    GIT_SSH_COMMAND: ssh.command ?? sshCommand(ssh),
  };
}

function sshCommand({ identityFile, knownHostsFile }: SshOptions): string {
  const options = ['ssh', '-oBatchMode=yes', '-oStrictHostKeyChecking=yes', '-oConnectTimeout=20'];
  if (identityFile !== undefined) options.push('-oIdentitiesOnly=yes', '-i', quote(identityFile));
  if (knownHostsFile !== undefined) options.push(`-oUserKnownHostsFile=${quote(knownHostsFile)}`);
  return options.join(' ');
}

/** For the shell that git runs the command with. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Reads what `git ls-remote --symref` prints. */
function parseListing(listing: string): RemoteRef[] {
  const refs = new Map<string, { id: string; peeled?: string; target?: string }>();
  const targets = new Map<string, string>();
  for (const line of listing.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (value.startsWith('ref: ')) targets.set(name, value.slice('ref: '.length));
    else if (/^[0-9a-f]{64}$/.test(value)) {
      throw new GitError('UNSUPPORTED', 'this is a SHA-256 repository; only SHA-1 repositories can be read');
    } else if (name.endsWith('^{}')) {
      const tag = refs.get(name.slice(0, -3));
      if (tag !== undefined) tag.peeled = value;
    } else if (value !== '') refs.set(name, { id: value });
  }
  return [...refs].map(([name, ref]) => {
    const target = targets.get(name);
    return { name, ...ref, ...(target === undefined ? {} : { target }) };
  });
}

/** What ssh and the other side say, as one of our codes. */
function explain(error: unknown, where: string, commit?: string): unknown {
  if (!(error instanceof GitCommandError)) return error;
  const { stderr } = error;
  const words = printableText(stderr);
  const details = { retry: 'backoff', cause: error } as const;
  if (/host key verification failed|no matching host key|REMOTE HOST IDENTIFICATION/i.test(stderr)) {
    return new GitError(
      'ACCESS_DENIED',
      `the host key of ${where} is not known or has changed; put the right one into known_hosts`,
      details,
    );
  }
  if (/permission denied|publickey|access denied|unauthorized/i.test(stderr)) {
    return new GitError(
      'ACCESS_DENIED',
      `${where} refuses access (${words}); check that the key may read this repository`,
      details,
    );
  }
  if (/could not resolve|connection (?:refused|timed out|reset|closed)|network is unreachable|no route/i.test(stderr)) {
    return new GitError('UNREACHABLE', `${where} cannot be reached (${words}); check address and network`, details);
  }
  if (commit !== undefined && /not our ref|unadvertised object|couldn't find remote ref/i.test(stderr)) {
    return new GitError(
      'REF_NOT_FOUND',
      `${where} has no commit ${commit}, or does not give it out; was it pushed, and is a branch or tag still on it?`,
      details,
    );
  }
  if (/not appear to be a git repository|not found|does not exist|no such file/i.test(stderr)) {
    return new GitError(
      'REPOSITORY_NOT_FOUND',
      `no repository at ${where} (${words}); check the address and the access rights`,
      details,
    );
  }
  return new GitError('UNREACHABLE', `${where} cannot be read: ${words}`, details);
}
