import { timingSafeEqual } from 'node:crypto';
import { badRequest, unauthorized } from '../status.ts';
import { headerOf, headersOf } from '../http/exchange.ts';
import type { RequestHeaders } from '../http/exchange.ts';

/** Who asks. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Somebody with a bearer token. */
export interface TokenUser extends User {
  readonly token: string;
}

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
export const MASTERS = 'system:masters';

/** Who stands behind a token that is no user's: a service account's. */
export type TokenReader = (token: string) => User | undefined;

const ANONYMOUS: User = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };

/**
 * The user behind the headers; anonymous without credentials.
 *
 * @throws {ApiError} 401 for a token that nobody has.
 */
export function authenticate(headers: RequestHeaders, users: readonly TokenUser[], readToken: TokenReader): User {
  const authorization = headerOf(headers, 'authorization');
  if (authorization === undefined || authorization === '') return ANONYMOUS;
  // Any other kind of credentials is none.
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined) return ANONYMOUS;
  const user = userOfToken(token, users, readToken);
  if (user === undefined) throw unauthorized();
  return user;
}

export function userOfToken(token: string, users: readonly TokenUser[], readToken: TokenReader): User | undefined {
  const found = users.find((user) => sameText(user.token, token));
  if (found === undefined) return readToken(token);
  const { name, uid, groups, extra } = found;
  return {
    name,
    groups: groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED],
    ...(uid !== undefined && { uid }),
    ...(extra !== undefined && { extra }),
  };
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whom the caller wants to be; `undefined` when nobody else. */
export interface ImpersonationWanted {
  readonly user: User;
  /** What the caller needs the right to impersonate: resource, group, name, subresource. */
  readonly needs: readonly {
    readonly group: string;
    readonly resource: string;
    readonly name: string;
    readonly subresource: string;
  }[];
}

/** As Go prints its structure. */
function printUser({ uid, groups, extra }: Omit<User, 'name'>): string {
  const list = (texts: readonly string[]): string =>
    `[]string{${texts.map((text) => JSON.stringify(text)).join(', ')}}`;
  const extras = Object.entries(extra ?? {}).map(([key, texts]) => `${JSON.stringify(key)}:${list(texts)}`);
  return (
    `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid ?? '')}, ` +
    `Groups:${groups.length === 0 ? '[]string(nil)' : list(groups)}, ` +
    `Extra:map[string][]string${extras.length === 0 ? '(nil)' : `{${extras.join(', ')}}`}}`
  );
}

/** @throws {ApiError} 400 for headers that belong together and do not come together. */
export function impersonationOf(headers: RequestHeaders): ImpersonationWanted | undefined {
  const name = headerOf(headers, 'impersonate-user') ?? '';
  const groups = headersOf(headers, 'impersonate-group');
  const uid = headerOf(headers, 'impersonate-uid') ?? '';
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(headers)) {
    if (!header.startsWith('impersonate-extra-')) continue;
    const key = decodeURIComponent(header.slice('impersonate-extra-'.length));
    extra[key] = headersOf(headers, header);
  }
  if (name === '') {
    if (groups.length > 0 || uid !== '' || Object.keys(extra).length > 0) {
      throw badRequest(`requested ${printUser({ uid, groups, extra })} without impersonating a user name`);
    }
    return undefined;
  }
  const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const [, namespace = '', account = ''] = serviceAccount ?? [];
  const implied =
    serviceAccount !== null && groups.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : [];
  const all = [...groups, ...implied];
  if (name !== ANONYMOUS.name && !all.includes(AUTHENTICATED)) all.push(AUTHENTICATED);
  if (name === ANONYMOUS.name && !all.includes(UNAUTHENTICATED)) all.push(UNAUTHENTICATED);
  return {
    user: {
      name,
      groups: all,
      ...(uid !== '' && { uid }),
      ...(Object.keys(extra).length > 0 && { extra }),
    },
    needs: [
      serviceAccount === null
        ? { group: '', resource: 'users', name, subresource: '' }
        : { group: '', resource: 'serviceaccounts', name: account, subresource: '' },
      ...groups.map((group) => ({ group: '', resource: 'groups', name: group, subresource: '' })),
      ...(uid === '' ? [] : [{ group: 'authentication.k8s.io', resource: 'uids', name: uid, subresource: '' }]),
      ...Object.entries(extra).flatMap(([key, values]) =>
        values.map((value) => ({
          group: 'authentication.k8s.io',
          resource: 'userextras',
          name: value,
          subresource: key,
        })),
      ),
    ],
  };
}
