import type { TestProject } from 'vitest/node';
import { skipReasons } from '../skips.ts';
import { findAssets, reuseControlPlane, startControlPlane } from './start.ts';
import type { ControlPlane } from './start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's control plane, or why there is none. */
    controlPlane: ControlPlane | { readonly missing: string };
  }
}

/**
 * One control plane for the whole run of project `cluster`. `HOMEOSTAT_TEST_KUBECONFIG` names one that is already
 * running; it is left running.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env['HOMEOSTAT_TEST_KUBECONFIG'];
  const assets = await findAssets();
  if (running) {
    project.provide('controlPlane', await reuseControlPlane(running, assets));
    return undefined;
  }
  if (assets === undefined) {
    project.provide('controlPlane', { missing: skipReasons.noControlPlane.text });
    return undefined;
  }
  const started = await startControlPlane(assets);
  const { kubeconfig, server, adminToken, userToken, mode, kubectl } = started;
  project.provide('controlPlane', { kubeconfig, server, adminToken, userToken, mode, kubectl });
  return async () => started[Symbol.asyncDispose]();
}
