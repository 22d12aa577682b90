/** Invariant 6: an engine that is killed at any instant is started anew, and the cluster becomes what it would have become. */
import { availableParallelism } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { clusterNow, expectSame } from '../../support/same-cluster.ts';
import type { Cluster } from '../../support/same-cluster.ts';
import { openGround } from './ground.ts';
import type { Ground, KillPoint } from './ground.ts';
import { stories } from './stories.ts';
import type { Story } from './stories.ts';

/** What the same story comes to when nobody is killed. */
interface Undisturbed {
  readonly points: readonly KillPoint[];
  readonly cluster: Cluster;
  /** Objects that are the same ones after as before. */
  readonly survivors: ReadonlySet<string>;
  readonly deletions: readonly string[];
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

let points = 0;

async function undisturbed(story: Story): Promise<Undisturbed> {
  await using ground = await openGround(story);
  const before = await clusterNow(ground.world.admin);
  const { output } = await ground.run();
  expect(output).toBe('');
  const cluster = await clusterNow(ground.world.admin);
  return {
    // What changes nothing leaves the same behind whether it was served or not: once is enough.
    points: ground.requests.flatMap(({ verb, dryRun }, at): KillPoint[] => {
      const request = at + 1;
      const writes = !dryRun && !READS.has(verb);
      return [...(writes ? [{ request, when: 'before' } as const] : []), { request, when: 'after' }];
    }),
    cluster,
    survivors: new Set([...before.keys()].filter((ref) => uidOf(before, ref) === uidOf(cluster, ref))),
    deletions: deletionsOf(ground),
  };
}

async function killedAt(point: KillPoint, story: Story, wanted: Undisturbed): Promise<void> {
  await using ground = await openGround(story);
  const before = await clusterNow(ground.world.admin);
  // An engine that stays has watches open, and the order of what they ask may put the last requests past its end.
  const { killed } = await ground.run(point);
  if (!killed) return;
  points += 1;
  await ground.restart();

  const after = await clusterNow(ground.world.admin);
  expectSame(wanted.cluster, after);
  for (const ref of wanted.survivors) expect(uidOf(after, ref), `${ref} is another one now`).toBe(uidOf(before, ref));
  expect(deletionsOf(ground)).toEqual(wanted.deletions);
  if (story.work === 'once' || story.work === 'loop') await ground.world.expectQuiet();
}

function uidOf(cluster: Cluster, ref: string): string | undefined {
  return cluster.get(ref)?.metadata.uid;
}

function deletionsOf({ requests }: Ground): readonly string[] {
  return requests
    .filter(
      ({ verb, status, dryRun, resource }) => verb === 'delete' && status === 200 && !dryRun && !isLease(resource),
    )
    .map(({ path }) => path)
    .toSorted();
}

/** An engine that ends gives its Lease back; one that is killed cannot. */
function isLease(resource: string): boolean {
  return resource.startsWith('leases.');
}

describe.concurrent(
  'an engine is killed before and after each of its requests, and started anew',
  { timeout: 900_000 },
  () => {
    for (const story of stories) {
      test(story.name, async () => {
        const wanted = await undisturbed(story);
        const failures: string[] = [];
        const work = wanted.points.values();
        const worker = async (): Promise<void> => {
          for (const point of work) {
            await killedAt(point, story, wanted).catch((error: unknown) => {
              failures.push(`killed ${point.when} request ${String(point.request)}: ${(error as Error).message}`);
            });
          }
        };
        await Promise.all(Array.from({ length: Math.max(1, Math.floor(availableParallelism() / 2)) }, worker));
        expect(failures.join('\n')).toBe('');
      });
    }
  },
);

afterAll(() => {
  console.log(`${String(points)} kill points`);
  expect(points).toBeGreaterThanOrEqual(200);
});
