import { resolve } from 'node:path';
import {
  createDirectorySource,
  createGitSource,
  credentialHelper,
  tokenFromEnvironment,
  tokenFromFile,
} from '@homeostat/git';
import type { Source } from '@homeostat/git';
import type { SourceDocument } from '@homeostat/reconcile/schema';
import type { Io } from './io.ts';

/**
 * The source that a document or the command line names. Credentials come, in this order, from the token file, from
 * `HOMEOSTAT_GIT_TOKEN`, and from the credential helper that the user's Git is set up with.
 */
export function openSource({ url, ref, directory, tokenFile, username }: SourceDocument, { env }: Io): Source {
  if (directory === true) return createDirectorySource(resolve(url));
  const auth =
    tokenFile === undefined ? (tokenFromEnvironment(env) ?? credentialHelper(env)) : tokenFromFile(tokenFile, username);
  return createGitSource({ url: isPath(url) ? resolve(url) : url, auth, ...(ref !== undefined && { ref }) });
}

/** Neither an address with a scheme nor `user@host:path`: the set remembers its source, and a path means another place elsewhere. */
function isPath(url: string): boolean {
  return !/^[a-z][a-z+.-]*:/i.test(url) && !/^[^/]+:/.test(url) && !url.startsWith('~');
}
