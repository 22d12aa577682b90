import { applyBehaviours } from './apply.ts';
import type { Behaviour, ConformanceWorld, Expect } from './behaviour.ts';
import { deleteBehaviours } from './deletes.ts';
import { discoveryBehaviours } from './discovery.ts';
import { listBehaviours } from './lists.ts';
import { objectBehaviours } from './objects.ts';
import { refusalBehaviours } from './refusals.ts';
import { watchBehaviours } from './watches.ts';

export interface ConformanceSetup {
  /** Registers one behaviour with a test library. It must call `run` with a world of this behaviour's own. */
  test(title: string, run: (world: ConformanceWorld) => Promise<void>): void;
  readonly expect: Expect;
  /** Behaviours that this client or its server cannot show: title and the reason. */
  readonly skips?: Readonly<Record<string, string>>;
  /** Registers a skip. Required when there are `skips`. */
  skip?(title: string, reason: string): void;
}

const behaviours: readonly Behaviour[] = [
  ...discoveryBehaviours,
  ...objectBehaviours,
  ...applyBehaviours,
  ...listBehaviours,
  ...watchBehaviours,
  ...deleteBehaviours,
  ...refusalBehaviours,
];

/**
 * Registers every behaviour, in a fixed order. They need a server with Kubernetes' built-in kinds and no controllers, and
 * may run at the same time, each in its own namespace.
 *
 * @throws {TypeError} when a skip names no behaviour, or `skip` is missing: a skip that nobody sees is a lie.
 */
export function clientConformance(setup: ConformanceSetup): void {
  const skips = new Map(Object.entries(setup.skips ?? {}));
  for (const { title, run } of behaviours) {
    const reason = skips.get(title);
    skips.delete(title);
    if (reason === undefined) setup.test(title, (world) => run(world, setup.expect));
    else if (setup.skip === undefined) throw new TypeError(`"${title}" is to be skipped, and the setup has no "skip"`);
    else setup.skip(title, reason);
  }
  if (skips.size > 0) throw new TypeError(`no behaviour is called "${[...skips.keys()].join('", "')}"`);
}
