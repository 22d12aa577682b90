import { defineSync } from '@homeostat/reconcile';
import type { Identity, Policy, Report } from '@homeostat/reconcile';
import type { Ref, RequestRecord } from '@homeostat/kube';
import { cluster } from './cluster.ts';
import { createWorld, filesInGit, filesInMemory } from './world.ts';
import type { World } from './world.ts';

export {
  annotated,
  configMap,
  definition,
  deployment,
  inNamespace,
  namespaceObject,
  secret,
  service,
  widget,
} from './objects.ts';
export { eventually } from './eventually.ts';
export { randomName } from './world.ts';
export type { FileContent, Process, World } from './world.ts';

export interface ScenarioOptions {
  /** A repository behind a real Git server instead of files in memory. */
  readonly git?: boolean;
  /** The sync's name. */
  readonly name?: string;
  /** Where the set lives; default: the test's own namespace. */
  readonly namespace?: string;
  readonly path?: string;
  readonly takeOver?: boolean;
  readonly policy?: Partial<Policy>;
  /** As whom the set's objects are written and read. */
  readonly impersonate?: Identity;
  /** As whom the processes act, until `asUser`. */
  readonly user?: 'admin' | 'someone';
}

/** `cluster.needs('controllers')` with {@link World}s: a pass waits until Deployments are rolled out and Namespaces are gone. */
export const scenarioTest = cluster
  .needs('controllers')
  .extend('scenario', ({ connect, namespace: own }, { onCleanup }): ((options?: ScenarioOptions) => Promise<World>) => {
    const cleanups: (() => Promise<unknown>)[] = [];
    onCleanup(async () => {
      for (const cleanup of cleanups.toReversed()) await cleanup();
    });
    return async (options = {}) => {
      const { namespace = own, name = 'site', user = 'admin' } = options;
      const admin = await connect();
      const sync = defineSync({
        name,
        namespace,
        path: options.path ?? '',
        takeOver: options.takeOver ?? false,
        ...(options.impersonate !== undefined && { impersonate: options.impersonate }),
        policy: { poll: 50, ...options.policy },
      });
      const files = options.git === true ? await filesInGit(cleanups) : filesInMemory();
      const ground = {
        sync,
        files,
        admin,
        cleanups,
        connect: async (who: string) => {
          const records: RequestRecord[] = [];
          const client = await connect({
            user: who === 'someone' ? 'someone' : 'admin',
            onRequest: (record) => records.push(record),
          });
          return { client, records };
        },
      };
      return createWorld(ground, user);
    };
  });

/** What a report says became of each object, as `created ConfigMap web` or `failed Deployment api (invalid)`; sorted. */
export function told({ objects, orphans }: Report): readonly string[] {
  return [
    ...objects.map(({ action, ref, code }) => line(action, ref, code)),
    ...orphans.map(({ action, ref, reason }) => line(action, ref, reason)),
  ].toSorted();
}

function line(action: string, { kind, name }: Ref, why: string | undefined): string {
  return `${action} ${kind} ${name}${why === undefined ? '' : ` (${why})`}`;
}
