import type { User } from '../auth/users.ts';
import { isDryRun, nameOf, resourceNameOf } from './request-content.ts';
import type { RequestContent } from './request-content.ts';

/** A request that was answered, for counting and looking at. A watch is one once it has begun. */
export interface ServedRequest {
  /** `apply` for a server-side apply; of what is no resource, the method in lower case. */
  readonly verb: string;
  /** `deployments.apps`, `configmaps`; `''` for what is no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  /** That of a create from its body; `''` where there is none. */
  readonly name: string;
  readonly path: string;
  readonly dryRun: boolean;
  /** `''` for nobody that is known. */
  readonly user: string;
  readonly userAgent: string;
  /** 0: the connection broke instead of an answer. */
  readonly status: number;
}

export function servedRequest(
  content: RequestContent,
  { user, userAgent, status }: { readonly user: User | undefined; readonly userAgent: string; readonly status: number },
): ServedRequest {
  const { info, verb } = content;
  return {
    verb,
    resource: resourceNameOf(info),
    subresource: info.type === 'path' ? '' : info.subresource,
    namespace: info.type === 'path' ? '' : info.namespace,
    name: nameOf(content),
    path: info.path,
    dryRun: isDryRun(content),
    user: user?.name ?? '',
    userAgent,
    status,
  };
}
