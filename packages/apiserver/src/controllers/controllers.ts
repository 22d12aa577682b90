import type { Registry } from '../registry/registry.ts';
import { runController } from './controller.ts';
import { runDefinitions } from './definitions.ts';
import { elapse, settled } from './elapse.ts';
import { runGarbageCollector } from './garbage-collector.ts';
import { rootCertificates, serviceAccounts } from './namespace-defaults.ts';
import { runNamespaces } from './namespaces.ts';
import { claimProtection, volumeProtection } from './volume-protection.ts';
import { startSimulation } from '../simulate/simulate.ts';
import type { SimulationOptions } from '../simulate/simulate.ts';
import { WorkQueue } from './work-queue.ts';
import type { ReportError } from './work-queue.ts';

export interface ControllerOptions {
  /** How long a namespace stays `Terminating` before its contents go, in milliseconds of the server's clock. Default 1,000; Kubernetes takes about 5,000. */
  readonly namespaceDelayMs?: number;
  /** Told when a controller's work has failed, and will be tried again. Default: nobody is. */
  readonly onError?: ReportError;
}

const NAMESPACE_DELAY_MS = 1000;

/** The controllers of one server, at work. */
export interface Controllers {
  /** Resolves once they have nothing to do at this moment. */
  readonly settled: () => Promise<void>;
  /** See `elapse`. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly stop: () => void;
}

export interface ControllersToRun {
  /** The certificate that the server is known by, in PEM. */
  readonly ca: string;
  /** Of Kubernetes. */
  readonly version: string;
  readonly controllers: boolean | ControllerOptions;
  readonly simulate: 'workloads' | SimulationOptions | undefined;
}

/**
 * Starts what every API server has (`definitions.ts`), what every cluster has (see `garbage-collector.ts`, `namespaces.ts`, `namespace-defaults.ts`,
 * `volume-protection.ts`), unless it is not wanted, and the simulation of workloads, where it is.
 */
export async function startControllers(
  registry: Registry,
  { ca, version, controllers, simulate }: ControllersToRun,
): Promise<Controllers> {
  const { namespaceDelayMs = NAMESPACE_DELAY_MS, onError = () => undefined } =
    typeof controllers === 'object' ? controllers : {};
  const { clock } = registry;
  const world = { registry, queue: new WorkQueue(clock, onError) };
  // Definitions are the API server's own business, and do not wait for anybody else's work.
  const definitions = new WorkQueue(clock, onError);
  const queues = [definitions, world.queue];
  const stops: (() => void)[] = [runDefinitions(registry, definitions)];
  if (controllers !== false) {
    stops.push(runGarbageCollector(world), runNamespaces(world, namespaceDelayMs));
    for (const controller of [
      serviceAccounts(world),
      rootCertificates(world, ca),
      claimProtection(world),
      volumeProtection(world),
    ]) {
      stops.push(runController(world, controller).stop);
    }
  }
  if (simulate !== undefined) {
    stops.push(await startSimulation(world, version, simulate === 'workloads' ? {} : simulate));
  }
  return {
    settled: () => settled(queues),
    elapse: (ms) => elapse(clock, queues, ms),
    stop: () => {
      for (const stop of stops) stop();
      for (const queue of queues) queue.close();
    },
  };
}
