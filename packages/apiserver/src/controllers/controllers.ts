import type { Registry } from '../registry/registry.ts';
import { runController } from './controller.ts';
import { runGarbageCollector } from './garbage-collector.ts';
import { rootCertificates, serviceAccounts } from './namespace-defaults.ts';
import { runNamespaces } from './namespaces.ts';
import { claimProtection, volumeProtection } from './volume-protection.ts';
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
  readonly queue: WorkQueue;
  stop(): void;
}

/** Starts what every cluster has: see `garbage-collector.ts`, `namespaces.ts`, `namespace-defaults.ts`, `volume-protection.ts`. */
export function startControllers(registry: Registry, ca: string, options: ControllerOptions = {}): Controllers {
  const { namespaceDelayMs = NAMESPACE_DELAY_MS, onError = () => undefined } = options;
  const world = { registry, queue: new WorkQueue(registry.clock, onError) };
  const stops = [
    runGarbageCollector(world),
    runNamespaces(world, namespaceDelayMs),
    ...[serviceAccounts(world), rootCertificates(world, ca), claimProtection(world), volumeProtection(world)].map(
      (controller) => runController(world, controller).stop,
    ),
  ];
  return {
    queue: world.queue,
    stop() {
      for (const stop of stops) stop();
      world.queue.close();
    },
  };
}
