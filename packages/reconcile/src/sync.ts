import type { ToolName } from '@homeostat/apply';
import type { IgnoreRule } from '@homeostat/diff';
import type { Impersonation, Propagation } from '@homeostat/kube';
import type { RenderSpec } from '@homeostat/render';
import type { AllowRules, DenyRules } from './allowance.ts';
import type { HealthRule } from './health-rules.ts';
import { impersonationOf } from './identity.ts';
import type { Identity } from './identity.ts';
import type { SetName } from './claims.ts';

/**
 * What one sync makes true: one source, one destination set, one policy. Plain data; the source itself, the client and
 * the live view are {@link Ports}.
 */
export interface Sync {
  /** The set's identity together with `namespace`: its parent is the ConfigMap of this name. */
  readonly name: string;
  /** Where the parent lives, and the namespace of objects that name none. */
  readonly namespace: string;
  readonly render: RenderSpec;
  readonly policy: Policy;
  /** A suspended sync looks at nothing and writes nothing. */
  readonly suspend: boolean;
  /**
   * Syncs that must be ready before this one moves on to another revision; drift is repaired meanwhile. Nor may one be destroyed while this one is
   * there.
   */
  readonly dependsOn: readonly SetName[];
  /** Let another source take the set over that bears this name (else `SET_SOURCE_CHANGED`). */
  readonly takeOver: boolean;
  /**
   * As whom everything about the set's objects is asked of the server; the parent and the Lease stay the engine's own. Absent:
   * all of it is the engine's.
   */
  readonly impersonate?: Impersonation;
}

/** Every decision that is the user's to make. Durations are milliseconds. Defaults are the safe ones: {@link defaultPolicy}. */
export interface Policy {
  /** How often the whole set is planned again from the live view, without a new revision. Sends nothing when nothing differs. */
  readonly interval: number;
  /** How often the source is asked for a new revision. */
  readonly poll: number;
  /**
   * What an edit by somebody else of a field that we own leads to. `report`: it is told and left as long as revision and document stay
   * the same, unless somebody asks for a sync.
   */
  readonly drift: 'repair' | 'report' | 'off';
  /**
   * What is done about fields and items that others put into our objects and that we neither set nor own: nothing, told in
   * plan and report, or taken away as well.
   */
  readonly additions: 'ignore' | 'report' | 'remove';
  /** A newer revision ends a pass that is under way, whatever that waits for; otherwise that pass ends first. */
  readonly supersede: boolean;
  /** Delete members that the source no longer names. */
  readonly prune: boolean;
  /** Protected kinds that may be pruned all the same, as `Namespace` or `CustomResourceDefinition.apiextensions.k8s.io`. */
  readonly pruneKinds: readonly string[];
  /** Consent to prune every member of a set whose desired objects have all gone. */
  readonly allowEmpty: boolean;
  /** More prunes than `percent` of the members and more than `count` in one pass are held. */
  readonly pruneBudget: { readonly percent: number; readonly count: number };
  readonly propagation: Propagation;
  /** Which existing objects that are not members may be taken: none, those that nobody manages, or all. */
  readonly adopt: 'never' | 'unowned' | 'always';
  /** Owners from which objects are taken over besides: other GitOps tools, and sets as `set/<namespace>/<name>`. */
  readonly adoptFrom: readonly AdoptSource[];
  /**
   * Who wins a field that another manager owns with another value. `auto`: fields held through a subresource (as an
   * autoscaler holds `spec.replicas`) are yielded, fields held by another GitOps tool or set fail, all others are taken.
   */
  readonly conflicts: 'auto' | 'force' | 'fail' | 'yield';
  /** `stop`: one refused object, and nothing is written. */
  readonly onError: 'continue' | 'stop';
  /** `server`: each changed object passes a server-side dry run before anything is written. */
  readonly validate: 'server' | 'none';
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Recreate objects whose change is refused as immutable. `on-immutable` never covers `replaceProtected` kinds. */
  readonly replace: 'never' | 'on-immutable';
  /** Second consent: also Namespace, CustomResourceDefinition, PersistentVolume, PersistentVolumeClaim and StatefulSet. */
  readonly replaceProtected: boolean;
  /** `sync --once` ends when every object is ready, not when every object is written. */
  readonly wait: boolean;
  /** How far the objects of a kind are, in CEL, in place of the built-in rules. */
  readonly health: readonly HealthRule[];
  /** An object of a foreign group that no rule knows and that has no status: it is there, or its controller is waited for. */
  readonly unknownKind: 'current' | 'wait-observed';
  /** How long one object may take to become ready. */
  readonly waitTimeout: number;
  /** How long one pass may take. */
  readonly deadline: number;
  /** Objects that name another namespace than the sync's are refused. */
  readonly enforceNamespace: boolean;
  /** Which objects the set may consist of. Others are refused, and members among them are left as they are. */
  readonly allow: AllowRules;
  /** Which it may not consist of, whatever is allowed. */
  readonly deny: DenyRules;
  /** Fields left to others. */
  readonly ignore: readonly IgnoreRule[];
  /** Our field manager. */
  readonly manager: string;
  /** Names under which earlier versions of this sync applied. */
  readonly formerManagers: readonly string[];
}

/** An owner by whose name objects are taken over from it. */
export type AdoptSource = ToolName | `set/${string}/${string}`;

const minute = 60_000;

export const defaultPolicy: Policy = {
  interval: 10 * minute,
  poll: minute / 2,
  drift: 'repair',
  additions: 'ignore',
  supersede: true,
  prune: true,
  pruneKinds: [],
  allowEmpty: false,
  pruneBudget: { percent: 50, count: 10 },
  propagation: 'Background',
  adopt: 'unowned',
  adoptFrom: [],
  conflicts: 'auto',
  onError: 'continue',
  validate: 'server',
  fieldValidation: 'Strict',
  replace: 'never',
  replaceProtected: false,
  wait: true,
  health: [],
  unknownKind: 'current',
  waitTimeout: 5 * minute,
  deadline: 30 * minute,
  enforceNamespace: false,
  allow: {},
  deny: {},
  ignore: [],
  manager: 'homeostat',
  formerManagers: [],
};

/** A {@link Sync} from what a caller cares to say; everything else is the default. */
export function defineSync(
  sync: Pick<Sync, 'name' | 'namespace'> &
    Partial<Omit<Sync, 'policy' | 'impersonate' | 'dependsOn'>> & {
      readonly path?: string;
      readonly policy?: Partial<Policy>;
      readonly impersonate?: Identity;
      /** In the same namespace if it names none. */
      readonly dependsOn?: readonly { readonly name: string; readonly namespace?: string }[];
    },
): Sync {
  return {
    name: sync.name,
    namespace: sync.namespace,
    render: sync.render ?? { kind: 'auto', path: sync.path ?? '' },
    policy: { ...defaultPolicy, ...sync.policy },
    suspend: sync.suspend ?? false,
    dependsOn: (sync.dependsOn ?? []).map(({ name, namespace }) => ({ name, namespace: namespace ?? sync.namespace })),
    takeOver: sync.takeOver ?? false,
    ...(sync.impersonate !== undefined && { impersonate: impersonationOf(sync.impersonate, sync.namespace) }),
  };
}
