import type { Story } from '../story.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: 'example.com/web:1', ports: [{containerPort: 8080}]}]
`;

const job = `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  completions: 2
  parallelism: 2
  template: {spec: {restartPolicy: Never, containers: [{name: job, image: 'example.com/job:1'}]}}
`;

const sets = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'example.com/db:1'}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: 'example.com/agent:1'}]}
`;

export const workloadStories: readonly Story[] = [
  {
    name: 'a Deployment is rolled out',
    files: { 'a.yaml': deployment },
    steps: [
      'apply -f a.yaml',
      { run: 'rollout status deployment/web --timeout=30s', quiet: true },
      'rollout status deployment/web --timeout=30s',
      'wait --for=condition=Available deployment/web --timeout=10s',
      'get deployments',
      'get deployment web -o wide',
      'get deployment web -o yaml',
      'get replicasets',
      'get replicasets -o wide',
      'get pods',
      'get pods -l app=web --show-labels',
      'get all',
      'describe deployment web',
      'rollout history deployment/web',
      'rollout history deployment/web --revision=1',
      'set image deployment/web web=example.com/web:2',
      { run: 'rollout status deployment/web --timeout=30s', quiet: true },
      'annotate deployment web kubernetes.io/change-cause=second',
      'rollout history deployment/web',
      'rollout undo deployment/web',
      { run: 'rollout status deployment/web --timeout=30s', quiet: true },
      'get deployment web -o jsonpath={.spec.template.spec.containers[0].image}',
      'rollout history deployment/web',
      'rollout undo deployment/web --to-revision=9',
      'rollout restart deployment/web',
      { run: 'rollout status deployment/web --timeout=30s', quiet: true },
      'rollout pause deployment/web',
      'rollout pause deployment/web',
      'rollout resume deployment/web',
      'scale deployment web --replicas=3',
      'scale deployment web --replicas=1 --current-replicas=9',
      { run: 'rollout status deployment/web --timeout=30s', quiet: true },
      'wait --for=jsonpath={.status.readyReplicas}=3 deployment/web --timeout=10s',
      'get rs -o custom-columns=DESIRED:.spec.replicas,READY:.status.readyReplicas --sort-by=.spec.replicas',
      'expose deployment web --port=80 --target-port=8080',
      'expose deployment web --port=80',
      'get service web -o yaml',
      {
        run: 'autoscale deployment web --min=1 --max=4 --dry-run=client -o yaml',
        into: 'create -f - -o jsonpath={.spec}',
      },
      'rollout status deployment/missing',
      'delete deployment web --cascade=foreground',
      'get deployment,rs,pods',
    ],
  },
  {
    name: 'a Pod of a Deployment is described',
    files: { 'a.yaml': deployment.replace('replicas: 2', 'replicas: 1') },
    steps: [
      'apply -f a.yaml',
      { run: 'rollout status deployment/web --timeout=30s', quiet: true },
      'describe pods -l app=web --show-events=false',
      'describe rs -l app=web --show-events=false',
      'get pods -l app=web -o wide',
      'get pods -l app=web -o yaml',
      'get nodes -o name',
      `get node node-1 -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'`,
      'describe node node-1',
      'describe node missing-{id}',
      'get events --field-selector involvedObject.kind=Deployment -o custom-columns=REASON:.reason,MESSAGE:.message',
      'get events --field-selector involvedObject.kind=ReplicaSet -o custom-columns=REASON:.reason,MESSAGE:.message',
      'delete deployment web --cascade=orphan',
      'get rs,pods',
      'delete rs -l app=web',
    ],
  },
  {
    name: 'a Job runs to its end',
    files: { 'a.yaml': job },
    generated: ['once-'],
    steps: [
      'create -f a.yaml',
      'wait --for=condition=Complete job/once --timeout=30s',
      'get jobs',
      'get job once -o wide',
      'get job once -o yaml',
      'describe job once',
      'get pods',
      'delete job once',
      'get job,pods',
    ],
  },
  {
    name: 'StatefulSets and DaemonSets are rolled out',
    files: { 'a.yaml': sets },
    generated: ['agent-'],
    steps: [
      'apply -f a.yaml',
      { run: 'rollout status statefulset/db --timeout=30s', quiet: true },
      { run: 'rollout status daemonset/agent --timeout=30s', quiet: true },
      'rollout status statefulset/db --timeout=30s',
      'rollout status daemonset/agent --timeout=30s',
      'get statefulsets,daemonsets',
      'get sts,ds -o wide',
      'get pods -l app=db',
      'describe sts db',
      'describe ds agent',
      'rollout history statefulset/db',
      'rollout history daemonset/agent',
      'rollout restart daemonset/agent',
      'scale statefulset db --replicas=1',
      'delete sts,ds --all',
    ],
  },
];
