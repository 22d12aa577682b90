import { GitError } from './error.ts';
import type { Revision } from './source.ts';

/**
 * Which revision to follow. A string is a branch or tag (`main`, `v1`), a full ref name (`refs/pull/7/head`), `HEAD`, or
 * the 40 hex digits of a commit. An object says which of them, and must name exactly one.
 */
export type RefOption = string | RefChoice;

export interface RefChoice {
  readonly branch?: string;
  readonly tag?: string;
  /** A full ref name: `refs/…` or `HEAD`. */
  readonly name?: string;
  readonly commit?: string;
}

/** What a {@link RefOption} asks for. */
export type RefSelector =
  | { readonly kind: 'commit'; readonly commit: string }
  /** Full names of which exactly one must exist. */
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly asked: string };

/** A ref as a repository advertises it. */
export interface RemoteRef {
  readonly name: string;
  readonly id: string;
  /** What an annotated tag stands for in the end. */
  readonly peeled?: string;
  /** What a symbolic ref points to. */
  readonly target?: string;
}

/** @throws {GitError} `BAD_REF` */
export function selectorOf(ref: RefOption = 'HEAD'): RefSelector {
  if (typeof ref === 'string') return selectorOfText(ref);
  const given = Object.entries(ref).filter(([, value]) => value !== undefined);
  const [kind, value] = given[0] ?? [];
  if (given.length !== 1 || typeof value !== 'string') {
    const names = given.map(([name]) => name).join(' and ');
    throw new GitError(
      'BAD_REF',
      `a ref must name exactly one of branch, tag, name and commit, not ${names === '' ? 'none' : names}; remove the others`,
    );
  }
  if (kind === 'commit') return commitSelector(value);
  if (kind === 'name') return namesSelector(value, [value]);
  return namesSelector(value, [kind === 'tag' ? `refs/tags/${value}` : `refs/heads/${value}`]);
}

function selectorOfText(text: string): RefSelector {
  if (/^[0-9a-f]{40}$/i.test(text) || /^[0-9a-f]{64}$/i.test(text)) return commitSelector(text);
  if (text === 'HEAD' || text.startsWith('refs/')) return namesSelector(text, [text]);
  return namesSelector(text, [`refs/heads/${text}`, `refs/tags/${text}`]);
}

function commitSelector(text: string): RefSelector {
  const commit = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(commit)) {
    throw new GitError(
      'UNSUPPORTED',
      `${commit} is the id of a SHA-256 repository; only SHA-1 repositories can be read`,
    );
  }
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw new GitError(
      'BAD_REF',
      `${JSON.stringify(text)} is not the id of a commit; give all 40 hex digits (git rev-parse prints them)`,
    );
  }
  return { kind: 'commit', commit };
}

function namesSelector(asked: string, names: readonly string[]): RefSelector {
  for (const name of names) {
    if (name === 'HEAD' || (name.startsWith('refs/') && isRefName(name))) continue;
    throw new GitError(
      'BAD_REF',
      `${JSON.stringify(asked)} is no name of a branch, tag or ref; give one as git branch -a or git tag prints it`,
    );
  }
  return { kind: 'names', names, asked };
}

/** Source: git check-ref-format. */
function isRefName(name: string): boolean {
  if (name.length > 1024 || /[ ~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$/.test(name)) return false;
  if (!name.isWellFormed()) return false;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) < 0x20 || name.charCodeAt(at) === 0x7f) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Picks the revision out of what the repository has; undefined if it has none of the names. */
export function selectRef(
  selector: Extract<RefSelector, { kind: 'names' }>,
  refs: readonly RemoteRef[],
): Revision | undefined {
  const found = refs.filter((ref) => selector.names.includes(ref.name));
  const [first, second] = found;
  if (first === undefined) return undefined;
  const commit = first.peeled ?? first.id;
  if (second !== undefined && commit !== (second.peeled ?? second.id)) {
    throw new GitError(
      'AMBIGUOUS_REF',
      `"${selector.asked}" is a branch and a tag, and they differ; say refs/heads/${selector.asked} or refs/tags/${selector.asked}`,
    );
  }
  return { ref: shortName(first.name === 'HEAD' ? (first.target ?? first.name) : first.name), commit };
}

/** `refs/heads/main` → `main`; what is neither branch nor tag keeps its name. */
function shortName(name: string): string {
  return name.replace(/^refs\/(?:heads|tags)\//, '');
}

/** The error for a ref that is not there, from everything that is. */
export function refNotFound(
  selector: Extract<RefSelector, { kind: 'names' }>,
  all: readonly RemoteRef[],
  where: string,
): GitError {
  const names = all
    .map((ref) => ref.name)
    .filter((name) => name.startsWith('refs/heads/') || name.startsWith('refs/tags/'));
  if (names.length === 0) {
    return new GitError('EMPTY_REPOSITORY', `${where} has no commit yet; push one`, { retry: 'backoff' });
  }
  const asked = `no ref "${selector.asked}" in ${where}`;
  if (selector.asked === 'HEAD') {
    return new GitError('REF_NOT_FOUND', `${where} has no default branch; name one of ${enumerate(names)}`, {
      retry: 'backoff',
    });
  }
  const hint = /^[0-9a-f]{7,39}$/.test(selector.asked) ? '; a commit needs all 40 hex digits of its id' : '';
  return new GitError('REF_NOT_FOUND', `${asked}; it has ${enumerate(names)}${hint}`, { retry: 'backoff' });
}

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(shortName).join(', ');
  return names.length > 10 ? `${shown} (${names.length - 10} more)` : shown;
}
