import type { Case } from '../replay.ts';

/** Pieces of manifests. `x-RANDOM` stands for a name of each run, `NAMESPACE` for its namespace. */

type Fields = Readonly<Record<string, unknown>>;
type Manifest = Case['object'];

export const metadata = { name: 'x-RANDOM' };
export const labels = { app: 'web' };
export const container = { name: 'c', image: 'nginx:1.27' };
export const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

/** A Pod that no scheduler looks at. */
export function pod(spec: Fields = {}, meta: Fields = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, ...meta },
    spec: { schedulerName: 'nobody', containers: [container], ...spec },
  };
}

/** A Pod with one container of these fields. */
export function podOf(fields: Fields, spec: Fields = {}): Manifest {
  return pod({ ...spec, containers: [{ ...container, ...fields }] });
}

/** A Pod with one volume `v`, mounted nowhere. */
export function podWith(volume: Fields): Manifest {
  return pod({ volumes: [{ name: 'v', ...volume }] });
}

export function template(spec: Fields = {}, meta: Fields = { labels }): Fields {
  return { metadata: meta, spec: { schedulerName: 'nobody', containers: [container], ...spec } };
}

/** A workload without replicas: no controller makes Pods for it. */
function workload(apiVersion: string, kind: string, spec: Fields): Manifest {
  return {
    apiVersion,
    kind,
    metadata: { ...metadata },
    spec: { selector: { matchLabels: labels }, template: template(), ...spec },
  };
}

export function deployment(spec: Fields = {}): Manifest {
  return workload('apps/v1', 'Deployment', { replicas: 0, ...spec });
}

export function replicaSet(spec: Fields = {}): Manifest {
  return workload('apps/v1', 'ReplicaSet', { replicas: 0, ...spec });
}

export function statefulSet(spec: Fields = {}): Manifest {
  return workload('apps/v1', 'StatefulSet', { replicas: 0, serviceName: 'db', ...spec });
}

export function daemonSet(spec: Fields = {}): Manifest {
  const nowhere = template({ nodeSelector: { 'example.com/nowhere': 'yes' } });
  return workload('apps/v1', 'DaemonSet', { template: nowhere, ...spec });
}

export function controller(spec: Fields = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { ...metadata },
    spec: { replicas: 0, template: template(), ...spec },
  };
}

export function podTemplate(spec: Fields = {}): Manifest {
  return { apiVersion: 'v1', kind: 'PodTemplate', metadata: { ...metadata }, template: template(spec) };
}

export function revision(fields: Fields = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { ...metadata },
    revision: 1,
    data: { spec: { a: 1 } },
    ...fields,
  };
}

/** The template of Jobs: nothing runs at the same time, so nothing runs at all. */
export function jobSpec(spec: Fields = {}): Fields {
  return { parallelism: 0, template: template({ restartPolicy: 'Never' }, {}), ...spec };
}

export function job(spec: Fields = {}, meta: Fields = {}): Manifest {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, ...meta }, spec: jobSpec(spec) };
}

export function cronJob(spec: Fields = {}, jobs: Fields = {}): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { ...metadata },
    spec: { schedule: '0 3 * * *', suspend: true, jobTemplate: { spec: jobSpec(jobs) }, ...spec },
  };
}

/** The case with a name, as JSON has it: without what is `undefined`. */
export function named(one: Case, name: string, namespace: string): Case {
  return JSON.parse(JSON.stringify(one).replaceAll('x-RANDOM', name).replaceAll('NAMESPACE', namespace)) as Case;
}
