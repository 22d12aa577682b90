/** Objects that several stories begin with. */

export const configMaps = `apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {app: web, tier: front, story: '{id}'}}
data: {key: one, size: '3'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: web, tier: back, story: '{id}'}}
data: {key: two, size: '1'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, labels: {app: job}}
binaryData: {raw: AAECAw==}
`;

export const secrets = `apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {username: admin, password: 'p:w'}
---
apiVersion: v1
kind: Secret
metadata: {name: registry}
type: kubernetes.io/dockerconfigjson
stringData: {.dockerconfigjson: '{"auths":{}}'}
`;

export const services = `apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}]
---
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: v1
kind: Service
metadata: {name: node}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: balanced}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 443}]}
`;

/** Without replicas, so that nothing is rolled out. */
export const idleDeployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.com/web:1
          ports: [{containerPort: 8080}]
          env: [{name: MODE, value: fast}]
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
        - {name: side, image: example.com/side:1}
`;

/** No scheduler takes them, so they stay as they are written. */
export const parkedPods = `apiVersion: v1
kind: Pod
metadata: {name: parked, labels: {app: parked}}
spec:
  schedulerName: nobody
  containers: [{name: web, image: example.com/web:1}, {name: side, image: example.com/side}]
---
apiVersion: v1
kind: Pod
metadata: {name: other, labels: {app: other}}
spec:
  schedulerName: nobody
  nodeSelector: {disk: fast}
  tolerations: [{key: special, operator: Exists, effect: NoSchedule}]
  initContainers: [{name: first, image: example.com/init:2, command: [sh, -c, exit 0]}]
  containers:
    - name: web
      image: example.com/web:1
      args: [--port, '8080']
      ports: [{containerPort: 8080, name: http}]
      env:
        - {name: PLAIN, value: text}
        - {name: KEY, valueFrom: {configMapKeyRef: {name: a, key: key}}}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
      envFrom: [{secretRef: {name: login, optional: true}}]
      livenessProbe: {httpGet: {path: /live, port: http}}
      readinessProbe: {exec: {command: [cat, /ready]}, periodSeconds: 5}
      resources: {requests: {cpu: 250m}, limits: {cpu: '1', memory: 1Gi}}
      volumeMounts: [{name: config, mountPath: /etc/config, readOnly: true}, {name: scratch, mountPath: /tmp}]
  volumes:
    - {name: config, configMap: {name: a}}
    - {name: scratch, emptyDir: {}}
`;

export const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: 'widgets.{id}.example.com'}
spec:
  group: '{id}.example.com'
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList, shortNames: ['wi{id}']}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
      additionalPrinterColumns:
        - {name: Size, type: integer, jsonPath: .spec.size}
        - {name: Color, type: string, jsonPath: .spec.color}
        - {name: Note, type: string, jsonPath: .spec.note, priority: 1}
        - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
      schema:
        openAPIV3Schema:
          type: object
          description: A widget of some size.
          properties:
            spec:
              type: object
              description: What the widget is to be.
              required: [size]
              properties:
                size: {type: integer, minimum: 0, maximum: 9, description: How big.}
                color: {type: string, enum: [red, green], default: red}
                note: {type: string}
                parts:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items:
                    type: object
                    required: [name]
                    properties: {name: {type: string}, weight: {type: integer}}
            status:
              type: object
              properties: {size: {type: integer}, phase: {type: string}}
`;

export const widgets = `apiVersion: '{id}.example.com/v1'
kind: Widget
metadata: {name: one, labels: {app: web}}
spec: {size: 3, note: hello, parts: [{name: a, weight: 1}]}
---
apiVersion: '{id}.example.com/v1'
kind: Widget
metadata: {name: two}
spec: {size: 1, color: green}
`;
