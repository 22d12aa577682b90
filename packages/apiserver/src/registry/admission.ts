import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { User } from '../auth/users.ts';
import type { Draft } from '../draft.ts';
import { ApiError, forbiddenObject, notFound } from '../status.ts';
import type { Store } from '../store/store.ts';
import { admitByClasses } from './admit-by-classes.ts';
import { pluralOf } from './served-resource.ts';
import type { ServedResource } from './served-resource.ts';

/** A write that is about to happen, as an admission hook sees it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  /** `''` for the object itself. */
  readonly subresource: string;
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  /** `''` where a name is still to be made. */
  readonly name: string;
  /** What is to be stored; absent for a DELETE. */
  readonly object?: KubeObject;
  /** What is stored; absent for a CREATE. */
  readonly oldObject?: KubeObject;
  readonly dryRun: boolean;
  readonly user: User;
}

/** `undefined`: nothing against it. */
export type AdmissionDecision =
  | undefined
  | { readonly deny: string; readonly code?: number }
  | { readonly object?: KubeObject; readonly warnings?: readonly string[] };

/** Says yes, says no, or changes the object. It is called once per write, before defaults of creation and validation. */
export type AdmitHook = (request: AdmissionRequest) => AdmissionDecision | Promise<AdmissionDecision>;

/** What has a say in writes, in two steps as in Kubernetes: first those who may change the object, then those who may not. */
export interface Admission {
  /** The object to go on with: the same when nobody changed it. */
  mutate(review: Review): Promise<Draft | undefined>;
  validate(review: Review): Promise<void>;
}

export interface Review {
  readonly operation: AdmissionRequest['operation'];
  readonly resource: ServedResource;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: Draft | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly dryRun: boolean;
  readonly user: User;
  readonly warnings: string[];
}

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', name: 'namespaces' };

/**
 * Namespaces must be there for what is created in them, and not be on their way out; some may not be deleted.
 *
 * @throws {ApiError} 404 or 403.
 */
function checkNamespace(store: Store, review: Review): void {
  const { operation, resource, namespace, name } = review;
  if (resource.group === '' && resource.kind === 'Namespace') {
    if (operation === 'DELETE' && IMMORTAL.has(name)) {
      throw forbiddenObject(NAMESPACES, name, 'this namespace may not be deleted');
    }
    return;
  }
  if (operation !== 'CREATE' || namespace === '') return;
  const stored = store.get('namespaces', namespace);
  if (stored === undefined) throw notFound(NAMESPACES, namespace);
  const status = stored.object['status'];
  if (!isRecord(status) || status['phase'] !== 'Terminating') return;
  throw forbiddenObject(
    pluralOf(resource),
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

/** What speaks on behalf of those who registered webhooks. */
export interface Webhooks {
  mutate(review: Review): Promise<Draft | undefined>;
  validate(review: Review): Promise<void>;
}

export function createAdmission(store: Store, hook: AdmitHook | undefined, webhooks: Webhooks): Admission {
  return {
    async mutate(review) {
      checkNamespace(store, review);
      admitByClasses(store, review);
      const hooked = hook === undefined ? review.object : await askHook(hook, review);
      return webhooks.mutate({ ...review, object: hooked });
    },
    validate: (review) => webhooks.validate(review),
  };
}

async function askHook(hook: AdmitHook, review: Review): Promise<Draft | undefined> {
  const decision = await hook(requestOf(review));
  if (decision === undefined) return review.object;
  if ('deny' in decision) {
    const { deny, code = 403 } = decision;
    const refusal = forbiddenObject(pluralOf(review.resource), review.name, deny);
    if (code === 403) throw refusal;
    throw new ApiError(code, '', refusal.message);
  }
  review.warnings.push(...(decision.warnings ?? []));
  if (decision.object === undefined || review.object === undefined) return review.object;
  return structuredClone(decision.object);
}

function requestOf(review: Review): AdmissionRequest {
  const { operation, resource, subresource, namespace, name, object, oldObject, dryRun, user } = review;
  return {
    operation,
    group: resource.group,
    version: resource.version,
    resource: resource.plural,
    kind: resource.kind,
    subresource,
    namespace,
    name,
    ...(object !== undefined && { object: structuredClone(object) as unknown as KubeObject }),
    ...(oldObject !== undefined && { oldObject }),
    dryRun,
    user,
  };
}
