import { spawn } from 'node:child_process';

/** Runs kubectl in the session's namespace; never fails for its exit code. */
export type RunKubectl = (line: string, stdin?: string) => Promise<string>;

/** One story as people tell it with kubectl: what is recorded of each version. */
export interface KubectlStory {
  readonly name: string;
  readonly tell: (kubectl: RunKubectl) => Promise<void>;
}

const manifest = (replicas: number, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {color: green, replicas: "${replicas}"}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

const settings = (color: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: ${color}}
`;

const pod = `apiVersion: v1
kind: Pod
metadata: {name: job, labels: {app: web}}
spec: {containers: [{name: c, image: example.com/a}]}
`;

export const kubectlStories: readonly KubectlStory[] = [
  {
    name: 'create, get and describe',
    async tell(kubectl) {
      await kubectl('create -f -', manifest(2, 'example.com/web:1'));
      await kubectl('create -f -', manifest(2, 'example.com/web:1'));
      for (const more of [
        '',
        ' -o yaml',
        ' -o wide',
        ' -l app=web',
        ' --field-selector metadata.name=web',
        ' --sort-by .metadata.name',
      ])
        await kubectl(`get deployments,services,configmaps${more}`);
      await kubectl('get deployment web -o json');
      await kubectl('get deployment none');
      await kubectl('get all');
      await kubectl('get pods --show-labels');
      await kubectl('describe deployment web');
      await kubectl('describe service web');
      await kubectl('describe configmap settings');
      await kubectl('events');
      await kubectl('get events --sort-by .lastTimestamp');
    },
  },
  {
    name: 'apply on the client',
    async tell(kubectl) {
      await kubectl('apply -f -', manifest(1, 'example.com/web:1'));
      await kubectl('apply -f -', manifest(1, 'example.com/web:1'));
      await kubectl('diff -f -', manifest(3, 'example.com/web:2'));
      await kubectl('apply -f - --dry-run=server', manifest(3, 'example.com/web:2'));
      await kubectl('apply -f -', manifest(3, 'example.com/web:2'));
      await kubectl('apply view-last-applied deployment web');
      await kubectl('replace -f -', settings('blue'));
      await kubectl('apply -f -', settings('red'));
      await kubectl('apply -f - --server-side', settings('black'));
    },
  },
  {
    name: 'apply on the server, with conflicts',
    async tell(kubectl) {
      await kubectl('apply --server-side -f -', manifest(1, 'example.com/web:1'));
      await kubectl('apply --server-side -f -', manifest(1, 'example.com/web:1'));
      await kubectl('apply --server-side --field-manager other -f -', settings('blue'));
      await kubectl('apply --server-side --field-manager other --force-conflicts -f -', settings('blue'));
      await kubectl('diff --server-side -f -', manifest(2, 'example.com/web:2'));
      await kubectl('apply --server-side --dry-run=server -f -', manifest(2, 'example.com/web:2'));
      await kubectl('apply --server-side --force-conflicts -f -', manifest(2, 'example.com/web:2'));
      await kubectl('apply --server-side -f -', `${settings('green')}nope: 1\n`);
      await kubectl('get deployment web -o yaml --show-managed-fields');
    },
  },
  {
    name: 'changes by hand',
    async tell(kubectl) {
      await kubectl('create -f -', manifest(1, 'example.com/web:1'));
      await kubectl('label deployment web tier=front');
      await kubectl('label deployment web tier=back');
      await kubectl('label deployment web tier=back --overwrite');
      await kubectl('label deployment web tier-');
      await kubectl('annotate deployment web note=hello');
      await kubectl('annotate configmaps --all note=hello');
      await kubectl('scale deployment web --replicas=4');
      await kubectl('scale deployment web --replicas=5 --current-replicas=9');
      await kubectl('set image deployment/web web=example.com/web:3');
      await kubectl('set env deployment/web A=1');
      await kubectl('rollout restart deployment/web');
      await kubectl('rollout pause deployment/web');
      await kubectl('rollout resume deployment/web');
      await kubectl(
        'patch deployment web -p {"spec":{"template":{"spec":{"containers":[{"name":"web","tty":true}]}}}}',
      );
      await kubectl('patch configmap settings --type merge -p {"data":{"color":null}}');
      await kubectl('patch configmap settings --type json -p [{"op":"add","path":"/data/x","value":"y"}]');
      await kubectl('patch configmap settings --type json -p [{"op":"test","path":"/data/x","value":"z"}]');
      await kubectl('patch deployment web --subresource=status --type merge -p {"status":{"replicas":4}}');
      await kubectl('expose deployment web --name other --port 80');
    },
  },
  {
    name: 'waiting and watching',
    async tell(kubectl) {
      await kubectl('create -f -', manifest(1, 'example.com/web:1'));
      const watching = kubectl('get configmaps -l app=web -w --request-timeout=2s');
      await kubectl('label configmap settings more=labels');
      await kubectl('patch configmap settings --type merge -p {"data":{"color":"red"}}');
      await watching;
      const waiting = kubectl('wait deployment/web --for=condition=Available --timeout=5s');
      const status = {
        observedGeneration: 1,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
        readyReplicas: 1,
        conditions: [{ type: 'Available', status: 'True', reason: 'R', message: 'M' }],
      };
      await kubectl(`patch deployment web --subresource=status --type merge -p ${JSON.stringify({ status })}`);
      await waiting;
      await kubectl('rollout status deployment/web --timeout=5s');
      await kubectl('wait configmap/settings --for=jsonpath={.data.color}=red --timeout=5s');
      const gone = kubectl('wait configmap/settings --for=delete --timeout=5s');
      await kubectl('delete configmap settings');
      await gone;
      await kubectl('wait configmap/settings --for=delete --timeout=5s');
    },
  },
  {
    name: 'deleting',
    async tell(kubectl) {
      await kubectl('create -f -', manifest(1, 'example.com/web:1'));
      await kubectl('create -f -', pod);
      await kubectl('delete deployment web --dry-run=server');
      await kubectl('delete deployment web --cascade=background');
      await kubectl('delete pod job --grace-period=0 --force');
      await kubectl('delete service,configmap -l app=web');
      await kubectl('delete configmap settings');
      await kubectl('delete configmap settings --ignore-not-found');
      await kubectl('delete -f -', manifest(1, 'example.com/web:1'));
    },
  },
  {
    name: 'asking about the API',
    async tell(kubectl) {
      await kubectl('api-resources');
      await kubectl('api-resources --namespaced=false -o name');
      await kubectl('api-versions');
      await kubectl('version');
      await kubectl('explain deployment.spec.strategy');
      await kubectl('explain pods --recursive');
      await kubectl('get --raw /healthz');
      await kubectl('auth whoami');
    },
  },
];

/** kubectl on a plain HTTP server, with a home of its own: nothing cached, no configuration. */
export function kubectlAt(binary: string, url: string, namespace: string, home: string): RunKubectl {
  return (line, stdin) =>
    new Promise((resolve, reject) => {
      const args = ['--server', url, '--namespace', namespace, '--cache-dir', `${home}/cache`, ...line.split(' ')];
      const child = spawn(binary, args, {
        env: { PATH: process.env['PATH'], HOME: home, KUBECONFIG: `${home}/none` },
        timeout: 30_000,
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.once('error', reject);
      child.once('close', () => resolve(output));
      child.stdin.end(stdin ?? '');
    });
}
