import type { Impersonation } from '@homeostat/kube';
import { ReconcileError } from './error.ts';
import type { Sync } from './sync.ts';

/** As whom a sync acts, as its document says it: anybody, or a service account of its own namespace. */
export type Identity = Impersonation | { readonly serviceAccount: string };

/** What is sent for it. The server adds the groups of service accounts itself. */
export function impersonationOf(identity: Identity, namespace: string): Impersonation {
  return 'serviceAccount' in identity
    ? { user: `system:serviceaccount:${namespace}:${identity.serviceAccount}` }
    : identity;
}

/** What the owner of an engine asks of every sync that it runs for others. */
export interface Lockdown {
  /** The service account, in the sync's own namespace, as which a sync acts that names nobody. */
  readonly defaultServiceAccount: string;
}

/**
 * The same sync with nothing of the engine's own rights: it acts as the service account of its own namespace that it names,
 * or as the default one. Pure.
 *
 * @throws {ReconcileError} `IDENTITY_REFUSED` when it wants to act as anybody else.
 */
export function lockDown(sync: Sync, { defaultServiceAccount }: Lockdown): Sync {
  const { impersonate, namespace, name } = sync;
  if (impersonate === undefined)
    return { ...sync, impersonate: impersonationOf({ serviceAccount: defaultServiceAccount }, namespace) };
  const own = `system:serviceaccount:${namespace}:`;
  const account = impersonate.user.startsWith(own) ? impersonate.user.slice(own.length) : '';
  const { user: _user, ...more } = impersonate;
  if (account !== '' && !account.includes(':') && Object.keys(more).length === 0) return sync;
  throw new ReconcileError(
    'IDENTITY_REFUSED',
    `${namespace}/${name} may not act as ${printIdentity(impersonate)}: this engine lets a sync act as a service account of its own namespace only; set impersonate.serviceAccount, or leave impersonate out for "${defaultServiceAccount}"`,
  );
}

function printIdentity({ user, groups = [], uid, extra }: Impersonation): string {
  const more = [
    ...(groups.length > 0 ? [`groups ${groups.join(', ')}`] : []),
    ...(uid !== undefined ? [`uid ${uid}`] : []),
    ...(extra !== undefined ? [`extra ${Object.keys(extra).join(', ')}`] : []),
  ];
  return `user "${user}"${more.length === 0 ? '' : ` with ${more.join(', ')}`}`;
}
