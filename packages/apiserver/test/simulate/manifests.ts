interface Options {
  readonly replicas?: number;
  readonly image?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  /** Of the Pod's spec. */
  readonly more?: object;
}

/** A workload with one container. `annotations` are its Pods'. */
function workload(apiVersion: string, kind: string, name: string, fields: object, options: Options): object {
  const { image = 'nginx:1', annotations, spec, more } = options;
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      ...fields,
      template: {
        metadata: { labels: { app: name }, ...(annotations !== undefined && { annotations }) },
        spec: { containers: [{ name: 'main', image }], ...more },
      },
      ...spec,
    },
  };
}

export function deployment(name: string, options: Options = {}): object {
  return workload('apps/v1', 'Deployment', name, { replicas: options.replicas ?? 1 }, options);
}

export function statefulSet(name: string, options: Options = {}): object {
  return workload('apps/v1', 'StatefulSet', name, { replicas: options.replicas ?? 1, serviceName: name }, options);
}

export function daemonSet(name: string, options: Options = {}): object {
  return workload('apps/v1', 'DaemonSet', name, {}, options);
}

export function job(name: string, { image = 'task:1', annotations, spec, more }: Options = {}): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      template: {
        metadata: { ...(annotations !== undefined && { annotations }) },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }], ...more },
      },
      ...spec,
    },
  };
}

export function pod(name: string, { image = 'nginx:1', annotations, more }: Options = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(annotations !== undefined && { annotations }) },
    spec: { containers: [{ name: 'main', image }], ...more },
  };
}

/** `spec` is the CronJob's. */
export function cronJob(name: string, schedule: string, options: Options = {}): object {
  const { spec, ...ofJob } = options;
  const { spec: jobSpec } = job(name, ofJob) as { spec: object };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { schedule, jobTemplate: { spec: jobSpec }, ...spec },
  };
}
