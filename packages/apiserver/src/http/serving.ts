import type { TypeUse } from '@homeostat/merge';
import type { TokenReader, TokenUser, User } from '../auth/users.ts';
import type { Decoder } from '../decode/decoder.ts';
import type { Registry } from '../registry/registry.ts';
import type { KindTable } from '../table/table.ts';
import type { Documents } from './documents.ts';
import type { ApiRequest } from './exchange.ts';
import type { FaultPoint } from './faults.ts';
import type { Metrics } from './metrics.ts';
import type { ServedRequest } from './served-request.ts';
import type { RequestInfo } from './request-info.ts';

/** All that a request can need. */
export interface Serving {
  readonly registry: Registry;
  readonly users: readonly TokenUser[];
  readonly readToken: TokenReader;
  readonly documents: Documents;
  readonly metrics: Metrics;
  readonly faults: FaultPoint;
  readonly onRequest: ((request: ServedRequest) => void) | undefined;
  readonly signToken: SignToken;
  readonly decoder: Decoder;
  readonly scaleTable: KindTable;
  /** autoscaling/v1 Scale, for who owns what of it. */
  readonly scaleType: TypeUse | undefined;
  /** Whether what every cluster has is there. */
  readonly isReady: () => boolean;
}

export type SignToken = (claims: {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly expiresAt: number;
  readonly boundTo?: { readonly kind: string; readonly name: string; readonly uid: string };
}) => string;

/** A request with what was found out about it. */
export interface Known extends ApiRequest {
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly userAgent: string | undefined;
  readonly pretty: boolean;
  /** Collects the texts of `Warning` headers, for refusals too. */
  readonly warnings: string[];
}
