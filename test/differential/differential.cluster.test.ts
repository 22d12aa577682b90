import { describe, expect, inject, test as base } from 'vitest';
import { findAssets, reuseControlPlane, startControlPlane } from '../support/control-plane/start.ts';
import { skipReasons } from '../support/skips.ts';
import { explain, knownDifferences } from './differences.ts';
import { startMemoryServer } from './memory-server.ts';
import { countByCategory, printCounts, printDifferences } from './report.ts';
import { allScripts } from './scripts/index.ts';
import { tellAll } from './tell-all.ts';
import type { Server } from './wire.ts';

/** Differing requests per request that a category may have at most, each of them with its reason. */
const TOLERATED = 0.02;

/**
 * A control plane of these tests' own, in which nobody writes but the stories, the garbage collector and the controllers
 * of namespaces. `HOMEOSTAT_DIFFERENTIAL_KUBECONFIG` names one that runs already.
 */
const test = base.extend(
  'real',
  { scope: 'file' }, // oxlint-disable-next-line eslint/no-empty-pattern -- Vitest reads the pattern.
  async ({}, { onCleanup }): Promise<Server | undefined> => {
    if ('missing' in inject('controlPlane')) return undefined;
    const running = process.env['HOMEOSTAT_DIFFERENTIAL_KUBECONFIG'];
    const assets = await findAssets();
    if (running) return serverOf(await reuseControlPlane(running, assets));
    if (assets === undefined) return undefined;
    const plane = await startControlPlane(assets, { mode: 'owners' });
    onCleanup(async () => plane[Symbol.asyncDispose]());
    return serverOf(plane);
  },
);

function serverOf(plane: { readonly server: string; readonly adminToken: string; readonly userToken: string }): Server {
  return { name: 'real', url: plane.server, adminToken: plane.adminToken, userToken: plane.userToken };
}

describe('the same stories told to two servers', () => {
  const scripts = allScripts();

  test('every story has a name of its own', () => {
    const names = scripts.map(({ category, name }) => `${category}: ${name}`);
    expect(names).toEqual([...new Set(names)]);
  });

  test(
    'the real server answers as it answers itself: what is ignored is enough',
    { timeout: 420_000 },
    async ({ real, skip }) => {
      const plane = real ?? skip(skipReasons.noControlPlane.text);
      const differences = (await tellAll(scripts, plane, plane)).flatMap((one) => one.differences);
      expect(printDifferences(differences)).toBe('');
    },
  );

  test(
    'the in-memory server answers as the real one, but for what the table says',
    { timeout: 420_000 },
    async ({ real, skip }) => {
      const plane = real ?? skip(skipReasons.noControlPlane.text);
      await using memory = await startMemoryServer();
      const comparisons = await tellAll(scripts, plane, memory);
      const counts = countByCategory(comparisons);
      console.log(`\n${printCounts(counts)}\n`);

      const differences = comparisons.flatMap((one) => one.differences);
      const unexplained = differences.filter((one) => explain(one) === undefined);
      expect(printDifferences(unexplained), 'differences without a reason').toBe('');
      const explained = new Set(differences.map((one) => explain(one)));
      expect(
        knownDifferences.filter((one) => one.byChance !== true && !explained.has(one)),
        'reasons without a difference',
      ).toEqual([]);
      expect(
        counts.filter(({ ratio }) => ratio >= TOLERATED).map(({ category, ratio }) => `${category}: ${ratio}`),
      ).toEqual([]);
      expect(counts.reduce((total, { requests }) => total + requests, 0)).toBeGreaterThan(400);
    },
  );
});
