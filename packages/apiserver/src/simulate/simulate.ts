import { runController } from '../controllers/controller.ts';
import type { ControllerWorld } from '../controllers/controller.ts';
import { cronJobs } from './cron-job.ts';
import { daemonSets } from './daemon-set.ts';
import { deployments } from './deployment.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import { endpointSlices } from './endpoint-slices.ts';
import { jobs } from './job.ts';
import { kubelet } from './kubelet.ts';
import { loadBalancers } from './load-balancer.ts';
import { createNode } from './node.ts';
import type { PodRule } from './pod-rules.ts';
import { replicaSets } from './replica-set.ts';
import { scheduler } from './scheduler.ts';
import { statefulSets } from './stateful-set.ts';
import { claimBinder, volumeKeeper } from './volumes.ts';

/** How workloads are played. Times are milliseconds of the server's clock. */
export interface SimulationOptions {
  /** From when a Pod has a node until its containers are ready. Default 1,000. */
  readonly startMs?: number;
  /** How long the Pods of a Job run. Default 1,000. */
  readonly runMs?: number;
  /** From when a Pod is deleted until it is gone, never longer than its grace period. Default 1,000. */
  readonly stopMs?: number;
  /** Which Pods do not just become ready. The first that fits counts. */
  readonly rules?: readonly PodRule[];
}

const DEFAULT_MS = 1000;

/** Begins to play what a cluster with one node does. `version`: of Kubernetes. Returns what ends it. */
export async function startSimulation(
  world: ControllerWorld,
  version: string,
  options: SimulationOptions = {},
): Promise<() => void> {
  const { startMs = DEFAULT_MS, runMs = DEFAULT_MS, stopMs = DEFAULT_MS, rules = [] } = options;
  await createNode(world.registry, version);
  const running = [
    deployments(world),
    replicaSets(world),
    statefulSets(world),
    daemonSets(world),
    jobs(world),
    cronJobs(world),
    claimBinder(world),
    volumeKeeper(world),
    loadBalancers(world),
    endpointSlices(world),
    disruptionBudgets(world),
    scheduler(world, rules),
    kubelet(world, rules, { startMs, runMs, stopMs }),
  ].map((controller) => runController(world, controller));
  return () => {
    for (const { stop } of running) stop();
  };
}
