import { createInterface } from 'node:readline';
import { startGitServer } from '../support/git-server.ts';

/**
 * A Git server in a process of its own, so that neither side of a comparison shares its event loop. It holds 5,000
 * manifests in 250 directories, prints its address, and commits one changed file for every line on its stdin.
 */
const server = await startGitServer();
const repository = await server.createRepository();
const manifest = (at: number, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-${at}
  namespace: team-${at % 250}
  labels:
    app.kubernetes.io/name: app-${at}
    app.kubernetes.io/part-of: shop
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: app-${at}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-${at}
    spec:
      containers:
        - name: main
          image: registry.example.com/shop/app-${at}:1.${at % 17}.${at % 5}
          args: [--shard=${(at * 7919) % 104_729}, --region=eu-${at % 3}]
          ports:
            - name: http
              containerPort: ${8000 + (at % 100)}
          resources:
            requests: { cpu: ${50 + (at % 20) * 10}m, memory: ${64 + (at % 9) * 32}Mi }
          readinessProbe:
            httpGet: { path: /ready, port: http }
`;
const path = (at: number): string => `team-${at % 250}/app-${at}.yaml`;

await repository.commit(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [path(at), manifest(at, 1)])));
await repository.git('repack', '-q', '-a', '-d');
console.log(repository.url);
let replicas = 1;
for await (const _ of createInterface({ input: process.stdin })) {
  const at = (++replicas * 997) % 5000;
  console.log(await repository.commit({ [path(at)]: manifest(at, replicas) }));
}
await server.close();
