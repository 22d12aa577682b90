import { readFile } from 'node:fs/promises';

import { GitError, reasonOf } from './error.ts';
import { runGit } from './run-git.ts';

/** What a server is shown. Most take a token as the password of any user (`basic`), some as a `bearer`. */
export type Credentials =
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string };

/** Where credentials come from when they are not fixed: a file that is rotated, an app's installation token, a helper. */
export interface CredentialProvider {
  /**
   * `always`: asked before every operation, so it should remember what it has. `challenged`: asked only once the server
   * demands credentials, and what the server accepted is kept for as long as it does.
   */
  readonly when: 'always' | 'challenged';
  /** `rejected` is what the server has just refused: the answer should not be the same again. */
  credentials(request: CredentialRequest): Promise<Credentials | undefined>;
  /** The server accepted them. */
  approve?(credentials: Credentials, request: CredentialRequest): Promise<void>;
  /** The server refused them. */
  reject?(credentials: Credentials, request: CredentialRequest): Promise<void>;
}

export interface CredentialRequest {
  /** The repository, without credentials. */
  readonly url: string;
  /** The user that the address names. */
  readonly username?: string;
  readonly rejected?: Credentials;
  readonly signal: AbortSignal;
}

export type Auth = Credentials | CredentialProvider;

/** A token as the servers take it: GitHub, GitLab, Gitea, Bitbucket and Azure DevOps accept it as a password. */
export function tokenCredentials(token: string, username = 'x-access-token'): Credentials {
  return { scheme: 'basic', username, password: token };
}

/**
 * Credentials from `HOMEOSTAT_GIT_TOKEN` (and `HOMEOSTAT_GIT_USERNAME`, for servers that look at it: GitLab's deploy
 * tokens, Bitbucket's `x-token-auth`); undefined if it is not set.
 */
export function tokenFromEnvironment(env: Readonly<Record<string, string | undefined>>): Credentials | undefined {
  const token = env['HOMEOSTAT_GIT_TOKEN']?.trim();
  return token === undefined || token === '' ? undefined : tokenCredentials(token, env['HOMEOSTAT_GIT_USERNAME']);
}

/** A token in a file that is read before every operation, so that it can be rotated. */
export function tokenFromFile(path: string, username?: string): CredentialProvider {
  return {
    when: 'always',
    async credentials() {
      let token: string;
      try {
        token = (await readFile(path, 'utf8')).trim();
      } catch (error) {
        throw new GitError('CREDENTIALS', `the token file ${path} cannot be read: ${reasonOf(error)}`, {
          retry: 'backoff',
          cause: error,
        });
      }
      if (token === '')
        throw new GitError('CREDENTIALS', `the token file ${path} is empty; put the token into it`, {
          retry: 'backoff',
        });
      return tokenCredentials(token, username);
    },
  };
}

/**
 * The user's own git credential helper, through `git credential`. It never asks: what is not stored is not there. Git's
 * configuration decides which helper runs, so this is for a person's machine.
 */
export function credentialHelper(env: Readonly<Record<string, string | undefined>> = process.env): CredentialProvider {
  const git = async (verb: 'fill' | 'approve' | 'reject', input: string, signal: AbortSignal): Promise<string> => {
    const { stdout } = await runGit(['credential', verb], {
      env: {
        ...env,
        LC_ALL: 'C',
        GIT_TERMINAL_PROMPT: '0',
        GIT_ASKPASS: '',
        SSH_ASKPASS: '',
        GCM_INTERACTIVE: 'never',
      },
      input,
      signal,
    });
    return stdout.toString('utf8');
  };
  const tell =
    (verb: 'approve' | 'reject') =>
    async (credentials: Credentials, { url, signal }: CredentialRequest) => {
      if (credentials.scheme !== 'basic') return;
      const { username, password } = credentials;
      // What a helper makes of it changes nothing for us.
      await git(verb, question(url, { username, password }), signal).catch(() => {});
    };
  return {
    when: 'challenged',
    async credentials({ url, username: user, signal }) {
      const known = user === undefined ? {} : { username: user };
      const answer = await git('fill', question(url, known), signal).catch((error: unknown) => {
        if (error instanceof GitError && error.code === 'COMMAND') return ''; // nothing stored, or no git
        throw error;
      });
      const fields = new Map(answer.split('\n').map((line) => splitOnce(line, '=')));
      const username = fields.get('username');
      const password = fields.get('password');
      if (username === undefined || password === undefined || password === '') return undefined;
      return { scheme: 'basic', username, password };
    },
    approve: tell('approve'),
    reject: tell('reject'),
  };
}

/** What `git credential` reads on its standard input. */
function question(url: string, fields: Readonly<Record<string, string>>): string {
  const { protocol, host, pathname } = new URL(url);
  const lines = Object.entries({
    protocol: protocol.replace(/:$/, ''),
    host,
    path: pathname.replace(/^\//, ''),
    ...fields,
  });
  for (const [name, value] of lines) {
    // A line end would begin another field.
    if (/[\n\r\0]/.test(value))
      throw new GitError('CREDENTIALS', `the ${name} for ${url} holds a line end; correct it`);
  }
  return `${lines.map(([name, value]) => `${name}=${value}\n`).join('')}\n`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The value of the `Authorization` header. */
export function authorization(credentials: Credentials): string {
  switch (credentials.scheme) {
    case 'basic':
      return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    case 'bearer':
      return `Bearer ${credentials.token}`;
    default:
      return credentials satisfies never;
  }
}
