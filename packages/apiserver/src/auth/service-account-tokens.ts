import { createHmac, timingSafeEqual } from 'node:crypto';
import { isRecord } from '@homeostat/kube';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { User } from './users.ts';

export const ISSUER = 'https://kubernetes.default.svc';

export interface TokenClaims {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly expiresAt: number;
  /** The Pod or Secret that the token lives as long as. */
  readonly boundTo?: { readonly kind: string; readonly name: string; readonly uid: string };
}

/** Makes and reads tokens of service accounts: signed texts (JWT, HMAC-SHA256) that this server alone can check. */
export class ServiceAccountTokens {
  readonly #secret: string;
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(secret: string, store: Store, clock: Clock) {
    this.#secret = secret;
    this.#store = store;
    this.#clock = clock;
  }

  sign({ namespace, name, uid, audiences, expiresAt, boundTo }: TokenClaims): string {
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    const head = encode({ alg: 'HS256', typ: 'JWT' });
    const body = encode({
      aud: audiences,
      exp: Math.floor(expiresAt / 1000),
      iat: issuedAt,
      iss: ISSUER,
      'kubernetes.io': {
        namespace,
        serviceaccount: { name, uid },
        ...(boundTo !== undefined && { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } }),
      },
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
    return `${head}.${body}.${this.#signature(`${head}.${body}`)}`;
  }

  /** Who holds the token; `undefined` when it is not ours, has expired, or its account is gone. */
  read(token: string): User | undefined {
    const [head = '', body = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#signature(`${head}.${body}`));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    if (!isRecord(claims) || !isRecord(claims['kubernetes.io'])) return undefined;
    if (typeof claims['exp'] !== 'number' || claims['exp'] * 1000 <= this.#clock.now()) return undefined;
    const { namespace, serviceaccount } = claims['kubernetes.io'];
    if (typeof namespace !== 'string' || !isRecord(serviceaccount)) return undefined;
    const { name, uid } = serviceaccount;
    if (typeof name !== 'string' || typeof uid !== 'string') return undefined;
    const account = this.#store.get('serviceaccounts', `${namespace}/${name}`);
    if (account?.object.metadata.uid !== uid) return undefined;
    return {
      name: `system:serviceaccount:${namespace}:${name}`,
      uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    };
  }

  #signature(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
