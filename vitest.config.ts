import { availableParallelism } from 'node:os';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { needTheRealThing } from './test/support/memory-plane/excluded.ts';
import { HouseReporter } from './test/support/reporter.ts';

// Tests run the workspace's sources: no build comes first.
const source = '@homeostat/source';
const resolve = { conditions: [source, ...defaultClientConditions] };
// Node.js loads what is not ours, and does not know `module`, which is for bundlers.
const ofNode = defaultServerConditions.filter((condition) => condition !== 'module');
const ssr = { resolve: { conditions: [source, ...ofNode] } };
// A condition that is polled for has as long as it takes on a loaded machine; one that holds is found as soon.
const patient = { poll: { timeout: 20_000, interval: 20 } };

/** What fails in CI by the time of others, a controller's or a busy machine's, gets a second run, which the output shows. */
const onceMoreInCi = process.env['CI'] === undefined ? 0 : 1;

export default defineConfig({
  test: {
    reporters: ['default', new HouseReporter()],
    // Tests wait for servers and timers more than they compute.
    maxWorkers: 2 * availableParallelism(),
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'house',
          include: ['test/house/*.test.ts'],
          globalSetup: ['test/house/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          retry: onceMoreInCi,
          expect: patient,
          include: ['packages/*/test/**/*.test.ts', 'test/support/*.test.ts', 'examples/**/*.test.ts'],
          exclude: ['**/*.cluster.test.ts', '**/node_modules/**'],
          testTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'scenarios',
          expect: patient,
          include: ['test/scenarios/**/*.test.ts'],
          exclude: ['**/*.cluster.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'memory',
          retry: onceMoreInCi,
          expect: patient,
          include: ['{packages/*/test,test,examples}/**/*.cluster.test.ts'],
          exclude: ['**/node_modules/**', ...needTheRealThing.map(({ files }) => files)],
          globalSetup: ['test/support/memory-plane/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'cluster',
          retry: onceMoreInCi,
          expect: patient,
          include: ['{packages/*/test,test,examples}/**/*.cluster.test.ts'],
          exclude: ['**/node_modules/**'],
          globalSetup: ['test/support/control-plane/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
