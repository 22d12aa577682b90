import type { Story } from '../story.ts';

/** What kubectl sends as protobuf: everything that it makes from flags, and its questions. */
export const protobufStories: readonly Story[] = [
  {
    name: 'make objects of each kind from flags',
    leftovers: [
      'namespace/made-{id}',
      'clusterrole/made-{id}',
      'clusterrolebinding/made-{id}',
      'priorityclass/made-{id}',
    ],
    files: { 'a.txt': 'first\n', 'b.bin': 'second \u0000' },
    steps: [
      'create namespace made-{id} -o yaml',
      'create namespace made-{id}',
      'create configmap a --from-literal=a=1 --from-file=a.txt --from-file=b.bin -o yaml',
      'create configmap a --from-literal=a=1',
      'create configmap Bad_Name --from-literal=a=1',
      'create secret generic b --from-literal=a=1 --type=example.com/x -o yaml',
      'create secret docker-registry d --docker-server=example.com --docker-username=u --docker-password=p -o yaml',
      'create service clusterip s --clusterip=None --tcp=80:8080 -o jsonpath={.spec.ports}',
      'create service nodeport n --tcp=80 -o jsonpath={.spec.type}',
      'create service externalname e --external-name=example.com -o yaml',
      'create deployment d --image=example.com/web:1 --replicas=0 --port=80',
      'get deployment d -o yaml',
      'create job j --image=example.com/job:1 -- run it',
      "create cronjob c --image=example.com/job:1 --schedule='0 0 1 1 *' -- run it",
      'get cronjob c -o yaml',
      'create job of --from=cronjob/c',
      'create serviceaccount f -o yaml',
      'create role g --verb=get,list --resource=pods,deployments.apps --resource-name=one -o yaml',
      'create rolebinding h --role=g --user=u --group=g --serviceaccount={ns}:f -o yaml',
      'create clusterrole made-{id} --verb=get --non-resource-url=/logs/* -o yaml',
      'create clusterrolebinding made-{id} --clusterrole=view --user=u -o yaml',
      'create quota q --hard=pods=2,requests.cpu=500m,memory=1Gi -o yaml',
      'create ingress i --rule=example.com/a*=s:80,tls=b --class=x -o yaml',
      'create poddisruptionbudget p --selector=app=web --min-available=50% -o jsonpath={.spec}',
      'create poddisruptionbudget r --selector=app=web --max-unavailable=1 -o jsonpath={.spec}',
      'create priorityclass made-{id} --value=10 --description=text -o yaml',
      'create deployment d2 --image=example.com/web:1 --dry-run=server',
      'create token default --duration=20m --audience=a -o jsonpath={.kind}',
      'create token nobody',
      'autoscale deployment d --max=4 --cpu=50%',
      'get hpa d -o jsonpath={.spec}',
    ],
  },
  {
    name: 'ask what one may do',
    steps: [
      'auth can-i create pods',
      'auth can-i get pods --subresource=log --as=nobody',
      'auth can-i get /healthz',
      'auth whoami -o yaml',
      'auth can-i --list --as=nobody',
    ],
  },
  {
    name: 'write a kind: List, and kinds of which nobody knows',
    files: {
      'list.yaml': `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {a: b}}
  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: two}}
`,
      'wrong.yaml': `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: three}, dta: {a: b}}
`,
      'unknown.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n',
    },
    steps: [
      'create -f list.yaml',
      'apply -f list.yaml',
      'apply --server-side --force-conflicts -f list.yaml',
      'create -f wrong.yaml',
      'apply -f unknown.yaml',
      'create -f unknown.yaml',
      'apply --server-side -f unknown.yaml',
      'delete -f list.yaml',
    ],
  },
];
