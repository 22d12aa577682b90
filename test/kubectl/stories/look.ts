import type { Story } from '../story.ts';
import { parkedPods, services } from './files.ts';

/** With one entry each: kubectl 1.32 describes them in any order. */
const maps = `apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {app: web}}
data: {key: one}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: web}, annotations: {note: text}}
binaryData: {raw: AAECAw==}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: 'p:w'}
`;

const events = `apiVersion: v1
kind: Event
metadata: {name: parked.1}
involvedObject: {kind: Pod, apiVersion: v1, name: parked, namespace: '{ns}'}
type: Warning
reason: Odd
message: Something is odd.
source: {component: somebody}
count: 3
firstTimestamp: '2026-01-01T00:00:00Z'
lastTimestamp: '2026-01-01T00:01:00Z'
---
apiVersion: v1
kind: Event
metadata: {name: a.1}
involvedObject: {kind: ConfigMap, apiVersion: v1, name: a, namespace: '{ns}'}
type: Normal
reason: Read
message: It was read.
source: {component: reader, host: node-7}
count: 1
firstTimestamp: '2026-01-01T00:00:30Z'
lastTimestamp: '2026-01-01T00:00:30Z'
`;

function review(verb: string, resource: string): string {
  return `apiVersion: authorization.k8s.io/v1
kind: SelfSubjectAccessReview
spec: {resourceAttributes: {namespace: '{ns}', verb: ${verb}, resource: ${resource}}}
`;
}

const whoAmI = 'apiVersion: authentication.k8s.io/v1\nkind: SelfSubjectReview\n';

export const lookStories: readonly Story[] = [
  {
    name: 'describe what stands still',
    files: {
      'a.yaml': `${maps}---\n${services}---\n${parkedPods}---\n${events}`,
      'more.yaml': `apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: v1
kind: LimitRange
metadata: {name: sizes}
spec: {limits: [{type: Container, default: {memory: 512Mi}, max: {memory: 1Gi}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: outside, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: disk}
spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: most}
spec: {minAvailable: 1, selector: {matchLabels: {app: nobody}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: grow}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: yearly}
spec:
  schedule: '@yearly'
  suspend: true
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: 'example.com/job:1'}]}}}}
`,
      'quota.yaml': `apiVersion: v1
kind: ResourceQuota
metadata: {name: few}
spec: {hard: {count/widgets.example.com: '2'}}
`,
    },
    steps: [
      'create -f a.yaml',
      'events --for=pod/parked --types=Warning',
      'events --for=cm/a',
      'get events --field-selector involvedObject.name=a',
      'get events --field-selector reason=Odd -o wide',
      'get events --field-selector reason=Read -o yaml',
      'get events.events.k8s.io a.1 -o yaml',
      'create -f more.yaml',
      'describe cm a',
      'describe cm -l app=web',
      'describe secret login',
      'describe svc web --show-events=false',
      'describe svc headless outside --show-events=false',
      'describe pod parked',
      'describe pod other',
      'describe pods --show-events=false',
      'describe sa robot',
      'describe limits sizes',
      'describe role reader',
      'describe rolebinding reader',
      'describe netpol closed',
      'describe ingress web',
      'describe pvc disk',
      'describe pdb most',
      'describe hpa grow',
      'describe cronjob yearly',
      'describe ns {ns}',
      'create -f quota.yaml',
      'describe quota few',
      'get quota',
      'describe cm missing',
      'describe cm m',
      'describe nonsense',
      'describe -f a.yaml --show-events=false',
      'describe event a.1',
      'get limits,netpol,pvc,pdb,hpa,cronjob',
      'get limits,netpol,pvc,pdb,hpa,cronjob -o wide',
    ],
  },
  {
    name: 'explain fields and types',
    steps: [
      'explain pods',
      'explain po.spec',
      'explain pod.spec.containers',
      'explain pod.spec.containers.image',
      'explain deployment.spec.strategy --recursive',
      'explain deployments --api-version=apps/v1',
      'explain configmap --recursive',
      'explain service.spec.ports',
      'explain hpa.spec.metrics',
      'explain hpa.spec --api-version=autoscaling/v1',
      'explain crd.spec.versions.schema',
      'explain cronjob.spec.jobTemplate.spec.template.metadata',
      'explain ingress.spec.rules.http',
      'explain networkpolicy.spec',
      'explain secrets.data',
      'explain events',
      'explain events.v1.events.k8s.io',
      'explain pod.spec.nonsense',
      'explain nonsense',
      'explain pods --api-version=v9',
      'explain pods --output=plaintext-openapiv2',
    ],
  },
  {
    name: 'ask what the server has',
    steps: [
      'api-versions',
      'api-resources',
      'api-resources -o wide',
      'api-resources -o name',
      'api-resources --namespaced=false --no-headers',
      'api-resources --api-group=apps',
      'api-resources --api-group=nonsense',
      'api-resources --verbs=list,get -o name',
      'api-resources --categories=all',
      'api-resources --sort-by=kind',
      'version',
      'version -o yaml',
      'cluster-info',
      'get --raw /livez',
      'get --raw /readyz?verbose',
      'get --raw /version',
      'get --raw /api',
      'get --raw /apis/apps/v1',
      'get namespaces default kube-system kube-public kube-node-lease',
      'get ns default -o yaml',
      'get svc kubernetes -n default',
      'get svc kubernetes -n default -o yaml',
      'get cm kube-root-ca.crt -o jsonpath={.metadata}',
      'get sa',
    ],
  },
  {
    name: 'ask who may do what',
    files: {
      'rights.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: someone}]
`,
    },
    steps: [
      { run: 'create -o yaml -f -', stdin: review('create', 'pods') },
      { run: 'create -o yaml -f -', stdin: review('get', 'nonsense') },
      { run: 'create -o yaml -f -', stdin: whoAmI },
      'get cm --user=someone',
      'create -f rights.yaml',
      { run: 'get cm kube-root-ca.crt -o name --user=someone', until: /configmap/ },
      'delete cm kube-root-ca.crt --user=someone',
      'get cm -A --user=someone',
      'get secrets --user=someone',
      'get cm -o name --as=someone',
      'get secrets --as=someone',
      'get secrets --as=nobody --as-group=system:masters -o name',
    ],
  },
];
