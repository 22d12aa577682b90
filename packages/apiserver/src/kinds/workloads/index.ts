import type { Strategy } from '../../strategy.ts';
import { podStrategy } from '../pod/pod-strategy.ts';
import { controllerRevisionStrategy } from './controller-revision.ts';
import { cronJobStrategy } from './cron-job.ts';
import { daemonSetStrategy } from './daemon-set.ts';
import { deploymentStrategy } from './deployment.ts';
import { jobStrategy } from './job.ts';
import { podTemplateStrategy } from './pod-template.ts';
import { replicaSetStrategy } from './replica-set.ts';
import { replicationControllerStrategy } from './replication-controller.ts';
import { statefulSetStrategy } from './stateful-set.ts';

/** Pods and everything that makes them. */
export const workloadStrategies: readonly {
  readonly group: string;
  readonly kind: string;
  readonly strategy: Strategy;
}[] = [
  { group: '', kind: 'Pod', strategy: podStrategy },
  { group: '', kind: 'PodTemplate', strategy: podTemplateStrategy },
  { group: '', kind: 'ReplicationController', strategy: replicationControllerStrategy },
  { group: 'apps', kind: 'ControllerRevision', strategy: controllerRevisionStrategy },
  { group: 'apps', kind: 'DaemonSet', strategy: daemonSetStrategy },
  { group: 'apps', kind: 'Deployment', strategy: deploymentStrategy },
  { group: 'apps', kind: 'ReplicaSet', strategy: replicaSetStrategy },
  { group: 'apps', kind: 'StatefulSet', strategy: statefulSetStrategy },
  { group: 'batch', kind: 'CronJob', strategy: cronJobStrategy },
  { group: 'batch', kind: 'Job', strategy: jobStrategy },
];
